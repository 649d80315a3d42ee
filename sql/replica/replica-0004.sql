-- What makes a value of the exchange well-formed, stated as constraints of the trusted
-- copy. auditor-sync judges each value by itself before it writes it; these are the last
-- wall, whoever writes. Lengths that the exchange's own tables check are not repeated.
--
-- A copy that holds something else already, from times before this patch, keeps it: then
-- the constraint is there for new rows only.

do $$
declare
    rule record;
    wanted text;
    of_table text;
    of_column text;
begin
    for rule in
        select * from (values
            -- numbers from a sequence, and references to them
            ('>= 1', array[
                'exchange_sign_keys.esk_serial', 'signkey_revocations.signkey_revocations_serial_id', 'signkey_revocations.esk_serial',
                'auditors.auditor_uuid', 'denominations.denominations_serial', 'denomination_revocations.denom_revocations_serial_id',
                'denomination_revocations.denominations_serial', 'auditor_denom_sigs.auditor_denom_serial',
                'auditor_denom_sigs.auditor_uuid', 'auditor_denom_sigs.denominations_serial', 'wire_fee.wire_fee_serial',
                'reserves.reserve_uuid', 'reserves_out.reserve_out_serial_id', 'reserves_out.reserve_uuid',
                'reserves_out.denominations_serial', 'reserves_in.reserve_in_serial_id', 'reserves_in.reserve_uuid',
                'reserves_close.close_uuid', 'reserves_close.reserve_uuid', 'known_coins.known_coin_id',
                'known_coins.denominations_serial', 'deposits.deposit_serial_id', 'deposits.known_coin_id', 'refunds.refund_serial_id',
                'refunds.deposit_serial_id', 'refresh_commitments.melt_serial_id', 'refresh_commitments.old_known_coin_id',
                'refresh_transfer_keys.rtc_serial', 'refresh_transfer_keys.melt_serial_id', 'refresh_revealed_coins.rrc_serial',
                'refresh_revealed_coins.denominations_serial', 'refresh_revealed_coins.melt_serial_id',
                'recoup_refresh.recoup_refresh_uuid', 'recoup_refresh.known_coin_id', 'recoup_refresh.rrc_serial',
                'recoup.recoup_uuid', 'recoup.known_coin_id', 'recoup.reserve_out_serial_id', 'wire_out.wireout_uuid',
                'aggregation_tracking.aggregation_serial_id', 'aggregation_tracking.deposit_serial_id']),
            -- positions in lists
            ('>= 0', array['refresh_commitments.noreveal_index', 'refresh_revealed_coins.freshcoin_index']),
            -- microseconds since 1970, or -1 for never
            ('>= -1', array[
                'exchange_sign_keys.valid_from', 'exchange_sign_keys.expire_sign', 'exchange_sign_keys.expire_legal',
                'auditors.last_change', 'denominations.valid_from', 'denominations.expire_withdraw', 'denominations.expire_deposit',
                'denominations.expire_legal', 'wire_fee.start_date', 'wire_fee.end_date', 'reserves.expiration_date',
                'reserves.gc_date', 'reserves_out.execution_date', 'reserves_in.execution_date', 'reserves_close.execution_date',
                'deposits.wallet_timestamp', 'deposits.exchange_timestamp', 'deposits.refund_deadline', 'deposits.wire_deadline',
                'recoup_refresh.timestamp', 'recoup.timestamp', 'wire_out.execution_date']),
            -- units of the currency, up to 2^52
            ('between 0 and 4503599627370496', array[
                'denominations.coin_val', 'denominations.fee_withdraw_val', 'denominations.fee_deposit_val',
                'denominations.fee_refresh_val', 'denominations.fee_refund_val', 'wire_fee.wire_fee_val', 'wire_fee.closing_fee_val',
                'reserves.current_balance_val', 'reserves_out.amount_with_fee_val', 'reserves_in.credit_val',
                'reserves_close.amount_val', 'reserves_close.closing_fee_val', 'deposits.amount_with_fee_val',
                'refunds.amount_with_fee_val', 'refresh_commitments.amount_with_fee_val', 'recoup_refresh.amount_val',
                'recoup.amount_val', 'wire_out.amount_val']),
            -- parts of 10^-8 units
            ('between 0 and 99999999', array[
                'denominations.coin_frac', 'denominations.fee_withdraw_frac', 'denominations.fee_deposit_frac',
                'denominations.fee_refresh_frac', 'denominations.fee_refund_frac', 'wire_fee.wire_fee_frac',
                'wire_fee.closing_fee_frac', 'reserves.current_balance_frac', 'reserves_out.amount_with_fee_frac',
                'reserves_in.credit_frac', 'reserves_close.amount_frac', 'reserves_close.closing_fee_frac',
                'deposits.amount_with_fee_frac', 'refunds.amount_with_fee_frac', 'refresh_commitments.amount_with_fee_frac',
                'recoup_refresh.amount_frac', 'recoup.amount_frac', 'wire_out.amount_frac']),
            -- bytes
            ('length 32', array['aggregation_tracking.wtid_raw']),
            ('length 64', array['refresh_transfer_keys.transfer_privs'])
        ) as rules (rule, columns)
    loop
        foreach wanted in array rule.columns loop
            of_table := pg_catalog.split_part(wanted, '.', 1);
            of_column := pg_catalog.split_part(wanted, '.', 2);
            wanted := pg_catalog.format('alter table %I.%I drop constraint if exists %3$I, add constraint %3$I check (%4$s)',
                :'schema', of_table, 'well_formed_' || of_column,
                case
                    when rule.rule like 'length %' then pg_catalog.format('length(%I) = %s', of_column, pg_catalog.substr(rule.rule, 8))
                    else pg_catalog.format('%I %s', of_column, rule.rule)
                end);
            begin
                execute wanted;
            exception when check_violation then
                execute wanted || ' not valid';
            end;
        end loop;
    end loop;
end
$$;
