-- What the three offices may see of the exchange: a schema of views for each, with the
-- columns that its job needs and no others. auditor-dbinit roles lets each office in.
-- Nobody sees keys of reserves or coins, or who paid money in: customers stay as anonymous
-- as the protocol makes them.
--
-- Amounts are numbers in units of the currency. Times are what the exchange says; 'infinity'
-- stands for never. Refunds and melts have no time.

-- The expressions for amounts and times are spelt out by replacement, so that the views call
-- no functions, on which offices would need rights.
do $$
declare
    s text := pg_catalog.quote_ident(:'schema');
    view record;
    definition text;
begin
    create schema if not exists office_auditor;
    create schema if not exists office_treasurer;
    create schema if not exists office_performance;
    comment on schema office_auditor is 'the use of money, for the office of the auditor';
    comment on schema office_treasurer is 'creation, management and deletion of money, for the office of the treasurer';
    comment on schema office_performance is 'how the exchange performs, for those who run it; nothing about people or amounts';

    for view in select * from (values

        ('office_auditor.uses', 'each withdrawal, spending, refund, refresh and recoup, with the denomination; serial is that of the row in the table relation',
        $v$
        select 'reserves_out' as relation, w.reserve_out_serial_id as serial, 'withdrawal' as use, moment(w.execution_date) as at,
            w.denominations_serial as denomination, amount(d.coin) as value, amount(w.amount_with_fee) as amount, amount(d.fee_withdraw) as fee
        from SCHEMA.reserves_out as w join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'deposits', p.deposit_serial_id, 'deposit', moment(p.exchange_timestamp),
            d.denominations_serial, amount(d.coin), amount(p.amount_with_fee), amount(d.fee_deposit)
        from SCHEMA.deposits as p join SCHEMA.known_coins as k using (known_coin_id) join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'refunds', f.refund_serial_id, 'refund', null,
            d.denominations_serial, amount(d.coin), amount(f.amount_with_fee), amount(d.fee_refund)
        from SCHEMA.refunds as f join SCHEMA.deposits as p using (deposit_serial_id) join SCHEMA.known_coins as k using (known_coin_id)
        join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'refresh_commitments', m.melt_serial_id, 'melt', null,
            d.denominations_serial, amount(d.coin), amount(m.amount_with_fee), amount(d.fee_refresh)
        from SCHEMA.refresh_commitments as m join SCHEMA.known_coins as k on k.known_coin_id = m.old_known_coin_id
        join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'refresh_revealed_coins', c.rrc_serial, 'fresh coin', null, d.denominations_serial, amount(d.coin), amount(d.coin), amount(d.fee_withdraw)
        from SCHEMA.refresh_revealed_coins as c join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'recoup', r.recoup_uuid, 'recoup', moment(r.timestamp), d.denominations_serial, amount(d.coin), amount(r.amount), 0
        from SCHEMA.recoup as r join SCHEMA.known_coins as k using (known_coin_id) join SCHEMA.denominations as d using (denominations_serial)
        union all
        select 'recoup_refresh', r.recoup_refresh_uuid, 'recoup of a fresh coin', moment(r.timestamp), d.denominations_serial, amount(d.coin), amount(r.amount), 0
        from SCHEMA.recoup_refresh as r join SCHEMA.known_coins as k using (known_coin_id) join SCHEMA.denominations as d using (denominations_serial)
        $v$),

        ('office_auditor.merchants', 'what merchants were paid with: deposits and refunds per account',
        $v$
        select substring(p.wire from '"(?:payto_uri|url)"\s*:\s*"((?:[^"\\]|\\.)*)"') as account,
            count(*) as deposits, sum(amount(p.amount_with_fee)) as spent, coalesce(sum(f.refunds), 0)::bigint as refunds, coalesce(sum(f.refunded), 0) as refunded,
            min(moment(p.exchange_timestamp)) as first, max(moment(p.exchange_timestamp)) as last
        from SCHEMA.deposits as p
        left join (select f.deposit_serial_id, count(*) as refunds, sum(amount(f.amount_with_fee)) as refunded from SCHEMA.refunds as f group by 1) as f using (deposit_serial_id)
        group by 1
        $v$),

        ('office_auditor.transfers', 'each transfer of the exchange to a merchant',
        $v$
        select t.wireout_uuid as serial, moment(t.execution_date) as at, substring(t.wire_target from '"(?:payto_uri|url)"\s*:\s*"((?:[^"\\]|\\.)*)"') as account, t.exchange_account_section as account_section, amount(t.amount) as amount
        from SCHEMA.wire_out as t
        $v$),

        ('office_treasurer.denominations', 'each denomination: its terms, how much was issued of it and is retired; outstanding is what customers may still spend',
        $v$
        select d.denominations_serial as denomination, d.denom_pub_hash, amount(d.coin) as value,
            moment(d.valid_from) as valid_from, moment(d.expire_withdraw) as expire_withdraw, moment(d.expire_deposit) as expire_deposit, moment(d.expire_legal) as expire_legal,
            amount(d.fee_withdraw) as fee_withdraw, amount(d.fee_deposit) as fee_deposit, amount(d.fee_refresh) as fee_refresh, amount(d.fee_refund) as fee_refund,
            exists (select from SCHEMA.denomination_revocations as v where v.denominations_serial = d.denominations_serial) as revoked,
            coalesce(w.coins, 0) + coalesce(c.coins, 0) as issued, amount(d.coin) * (coalesce(w.coins, 0) + coalesce(c.coins, 0)) as issued_amount,
            coalesce(p.amount, 0) + coalesce(m.amount, 0) - coalesce(f.amount, 0) as spent_amount, coalesce(r.amount, 0) + coalesce(x.amount, 0) as recouped_amount,
            amount(d.coin) * (coalesce(w.coins, 0) + coalesce(c.coins, 0)) - coalesce(p.amount, 0) - coalesce(m.amount, 0) + coalesce(f.amount, 0)
                + coalesce(b.amount, 0) - coalesce(r.amount, 0) - coalesce(x.amount, 0) as outstanding_amount
        from SCHEMA.denominations as d
        left join (select w.denominations_serial as serial, count(*) as coins from SCHEMA.reserves_out as w group by 1) as w on w.serial = d.denominations_serial
        left join (select c.denominations_serial as serial, count(*) as coins from SCHEMA.refresh_revealed_coins as c group by 1) as c on c.serial = d.denominations_serial
        left join (select k.denominations_serial as serial, sum(amount(p.amount_with_fee)) as amount
            from SCHEMA.deposits as p join SCHEMA.known_coins as k using (known_coin_id) group by 1) as p on p.serial = d.denominations_serial
        left join (select k.denominations_serial as serial, sum(amount(m.amount_with_fee)) as amount
            from SCHEMA.refresh_commitments as m join SCHEMA.known_coins as k on k.known_coin_id = m.old_known_coin_id group by 1) as m on m.serial = d.denominations_serial
        -- With its first refund a coin gets one deposit fee back.
        left join (select k.denominations_serial as serial,
                sum(amount(f.amount_with_fee) - amount(e.fee_refund)) + count(distinct k.known_coin_id) * min(amount(e.fee_deposit)) as amount
            from SCHEMA.refunds as f join SCHEMA.deposits as p using (deposit_serial_id) join SCHEMA.known_coins as k using (known_coin_id)
            join SCHEMA.denominations as e using (denominations_serial) group by 1) as f on f.serial = d.denominations_serial
        left join (select k.denominations_serial as serial, sum(amount(r.amount)) as amount
            from SCHEMA.recoup as r join SCHEMA.known_coins as k using (known_coin_id) group by 1) as r on r.serial = d.denominations_serial
        left join (select k.denominations_serial as serial, sum(amount(x.amount)) as amount
            from SCHEMA.recoup_refresh as x join SCHEMA.known_coins as k using (known_coin_id) group by 1) as x on x.serial = d.denominations_serial
        left join (select k.denominations_serial as serial, sum(amount(x.amount)) as amount
            from SCHEMA.recoup_refresh as x join SCHEMA.refresh_revealed_coins as c using (rrc_serial) join SCHEMA.refresh_commitments as m using (melt_serial_id)
            join SCHEMA.known_coins as k on k.known_coin_id = m.old_known_coin_id group by 1) as b on b.serial = d.denominations_serial
        $v$),

        ('office_treasurer.revocations', 'each denomination and each sign key that was revoked',
        $v$
        select 'denomination' as what, v.denom_revocations_serial_id as serial, v.denominations_serial as key_serial
        from SCHEMA.denomination_revocations as v
        union all
        select 'sign key', v.signkey_revocations_serial_id, v.esk_serial from SCHEMA.signkey_revocations as v
        $v$),

        ('office_treasurer.sign_keys', 'each key with which the exchange signs',
        $v$
        select k.esk_serial as serial, k.exchange_pub, moment(k.valid_from) as valid_from, moment(k.expire_sign) as expire_sign, moment(k.expire_legal) as expire_legal,
            exists (select from SCHEMA.signkey_revocations as v where v.esk_serial = k.esk_serial) as revoked
        from SCHEMA.exchange_sign_keys as k
        $v$),

        ('office_treasurer.wire_fees', 'the fees that were set for transfers and closings',
        $v$
        select f.wire_fee_serial as serial, f.wire_method, moment(f.start_date) as start_date, moment(f.end_date) as end_date,
            amount(f.wire_fee) as wire_fee, amount(f.closing_fee) as closing_fee
        from SCHEMA.wire_fee as f
        $v$),

        ('office_treasurer.movements', 'money that came in or went out, and money that revoked coins gave back, without whose it was',
        $v$
        select 'reserves_in' as relation, i.reserve_in_serial_id as serial, 'credit' as movement, moment(i.execution_date) as at, amount(i.credit) as amount, 0::numeric as fee
        from SCHEMA.reserves_in as i
        union all
        select 'reserves_close', c.close_uuid, 'closing', moment(c.execution_date), amount(c.amount), amount(c.closing_fee) from SCHEMA.reserves_close as c
        union all
        select 'wire_out', t.wireout_uuid, 'transfer', moment(t.execution_date), amount(t.amount), 0 from SCHEMA.wire_out as t
        union all
        select 'recoup', r.recoup_uuid, 'recoup', moment(r.timestamp), amount(r.amount), 0 from SCHEMA.recoup as r
        union all
        select 'recoup_refresh', r.recoup_refresh_uuid, 'recoup of a fresh coin', moment(r.timestamp), amount(r.amount), 0 from SCHEMA.recoup_refresh as r
        $v$),

        ('office_performance.operations', 'what the exchange was busy with, and when',
        $v$
        select 'withdrawal' as operation, moment(w.execution_date) as at from SCHEMA.reserves_out as w
        union all select 'deposit', moment(p.exchange_timestamp) from SCHEMA.deposits as p
        union all select 'refund', null from SCHEMA.refunds as f
        union all select 'melt', null from SCHEMA.refresh_commitments as m
        union all select 'recoup', moment(r.timestamp) from SCHEMA.recoup as r
        union all select 'recoup of a fresh coin', moment(r.timestamp) from SCHEMA.recoup_refresh as r
        union all select 'credit', moment(i.execution_date) from SCHEMA.reserves_in as i
        union all select 'closing', moment(c.execution_date) from SCHEMA.reserves_close as c
        union all select 'transfer', moment(t.execution_date) from SCHEMA.wire_out as t
        $v$),

        ('office_performance.lags', 'how long after it was due each deposit was paid; negative if the exchange was early',
        $v$
        select moment(t.execution_date) as paid, (extract(epoch from moment(t.execution_date) - moment(p.wire_deadline)))::double precision as seconds
        from SCHEMA.aggregation_tracking as a join SCHEMA.deposits as p using (deposit_serial_id) join SCHEMA.wire_out as t using (wtid_raw)
        where p.wire_deadline not in (-1, 9223372036854775807) and t.execution_date not in (-1, 9223372036854775807)
        $v$),

        ('office_performance.replication', 'each pass of replication: when it ran, for how long, and how many rows it brought',
        $v$
        select s.pass, s.started, s.finished, (extract(epoch from s.finished - s.started))::double precision as seconds, s.rows from auditor_sync.passes as s
        $v$),

        ('office_performance.tables', 'where the copy of each table stands',
        $v$
        select t.table_name, t.state, t.highest, t.open_holes, t.given_up_holes, t.chunks, t.verified, t.changed from auditor_sync.table_states as t
        $v$)

    ) as views (name, about, definition)
    loop
        definition := replace(view.definition, 'SCHEMA', s);
        definition := regexp_replace(definition, 'amount\((\w+)\.(\w+)\)', '(\1.\2_val + \1.\2_frac * 0.00000001)', 'g');
        definition := regexp_replace(definition, 'moment\((\w+)\.(\w+)\)',
            '(case when \1.\2 in (-1, 9223372036854775807) then ''infinity'' else timestamptz ''epoch'' + \1.\2 * interval ''1 microsecond'' end)', 'g');
        execute format('create view %s with (security_barrier) as %s', view.name, definition);
        execute format('comment on view %s is %L', view.name, view.about);
    end loop;
end
$$;
