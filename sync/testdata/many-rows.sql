-- Fills the tables of an exchange with about :n thousand rows, in the proportions
-- and of the lengths that those of a simulated exchange have, with RSA keys of 2048
-- bits. The rows are well formed and refer to each other; nothing is signed.

set session_replication_role = replica; -- references are right without looking

create function pg_temp.noise(what text, i bigint, length integer) returns bytea language sql immutable as $$
    select substr(
        sha512((what || i)::bytea) || case when length <= 64 then ''::bytea else
            sha512((what || -i)::bytea) || sha512((what || i || 'x')::bytea) || sha512((what || i || 'y')::bytea) end,
        1, length)
$$;

create function pg_temp.moment(i bigint) returns bigint language sql immutable as $$
    select 1600000000000000 + i * 1000000
$$;

insert into public.exchange_sign_keys
    (exchange_pub, master_sig, valid_from, expire_sign, expire_legal)
select pg_temp.noise('esk', i, 32), pg_temp.noise('esk', i, 64), pg_temp.moment(0), pg_temp.moment(i), pg_temp.moment(i)
from generate_series(1, 8) as i;

insert into public.auditors (auditor_pub, auditor_name, auditor_url, is_active, last_change)
values (pg_temp.noise('auditor', 1, 32), 'auditor', 'https://auditor.example/', true, pg_temp.moment(0));

insert into public.denominations
    (denom_pub_hash, denom_pub, master_sig, valid_from, expire_withdraw, expire_deposit, expire_legal, coin_val, coin_frac,
    fee_withdraw_val, fee_withdraw_frac, fee_deposit_val, fee_deposit_frac, fee_refresh_val, fee_refresh_frac, fee_refund_val, fee_refund_frac)
select pg_temp.noise('denom', i, 64), pg_temp.noise('denom', i, 256), pg_temp.noise('denom', i, 64), pg_temp.moment(0),
    9000000000000000, 9000000000000000, 9000000000000000, 1 << (i % 8)::integer, 0, 0, 1000000, 0, 1000000, 0, 1000000, 0, 1000000
from generate_series(1, 100) as i;

insert into public.auditor_denom_sigs (auditor_uuid, denominations_serial, auditor_sig)
select 1, i, pg_temp.noise('audited', i, 64)
from generate_series(1, 100) as i;

insert into public.wire_fee
    (wire_method, start_date, end_date, wire_fee_val, wire_fee_frac, closing_fee_val, closing_fee_frac, master_sig)
values ('x-taler-bank', pg_temp.moment(0), 9000000000000000, 0, 1000000, 0, 1000000, pg_temp.noise('fee', 1, 64));

insert into public.reserves
    (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
select pg_temp.noise('reserve', i, 32), 'payto://x-taler-bank/localhost/' || i, i % 10, 0, 9000000000000000, 9000000000000000
from generate_series(1, 16 * :n) as i;

insert into public.reserves_in
    (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
select i, 50, 0, 'payto://x-taler-bank/localhost/' || i, 'exchange-account-1', pg_temp.moment(i), i
from generate_series(1, 16 * :n) as i;

insert into public.reserves_close
    (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
select pg_temp.moment(i), pg_temp.noise('close', i, 32), 'payto://x-taler-bank/localhost/' || i, 3, 99000000, 0, 1000000, i
from generate_series(1, 9 * :n) as i;

insert into public.reserves_out
    (h_blind_ev, denom_sig, reserve_sig, execution_date, amount_with_fee_val, amount_with_fee_frac, reserve_uuid, denominations_serial)
select pg_temp.noise('out', i, 64), pg_temp.noise('out', i, 256), pg_temp.noise('reserve sig', i, 64), pg_temp.moment(i), 1, 1000000,
    1 + i % (16 * :n), 1 + i % 100
from generate_series(1, 124 * :n) as i;

insert into public.known_coins (coin_pub, denom_sig, denominations_serial)
select pg_temp.noise('coin', i, 32), pg_temp.noise('coin', i, 256), 1 + i % 100
from generate_series(1, 178 * :n) as i;

insert into public.deposits
    (amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
    merchant_pub, h_contract_terms, h_wire, coin_sig, wire, done, known_coin_id)
select 1, 1000000, pg_temp.moment(i), pg_temp.moment(i), pg_temp.moment(i + 3600), pg_temp.moment(i + 7200),
    pg_temp.noise('merchant', i % 1000, 32), pg_temp.noise('contract', i, 64), pg_temp.noise('wire', i % 1000, 64), pg_temp.noise('deposit', i, 64),
    '{"payto_uri":"payto://x-taler-bank/localhost/' || i % 1000 || '","salt":"' || encode(pg_temp.noise('salt', i % 1000, 32), 'base64') || '"}',
    true, i
from generate_series(1, 178 * :n) as i;

insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
select pg_temp.noise('refund', i, 64), 1, 0, 50000000, 1 + i * 5
from generate_series(1, 26 * :n) as i;

insert into public.refresh_commitments
    (rc, old_coin_sig, amount_with_fee_val, amount_with_fee_frac, noreveal_index, old_known_coin_id)
select pg_temp.noise('melt', i, 64), pg_temp.noise('old coin', i, 64), 0, 90000000, i % 3, 1 + i * 3
from generate_series(1, 47 * :n) as i;

insert into public.refresh_transfer_keys (transfer_pub, transfer_privs, melt_serial_id)
select pg_temp.noise('transfer', i, 32), pg_temp.noise('transfer', -i, 64), i
from generate_series(1, 47 * :n) as i;

insert into public.refresh_revealed_coins
    (freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id)
select i / (47 * :n), pg_temp.noise('link', i, 64), pg_temp.noise('envelope', i, 256), pg_temp.noise('h', i, 64), pg_temp.noise('signed', i, 256),
    1 + i % 100, 1 + i % (47 * :n)
from generate_series(1, 164 * :n) as i;

insert into public.recoup_refresh (coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, rrc_serial)
select pg_temp.noise('recoup refresh', i, 64), pg_temp.noise('blind', i, 32), 1, 0, pg_temp.moment(i), i * 7, i * 9
from generate_series(1, 2 * :n) as i;

insert into public.recoup (coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, reserve_out_serial_id)
select pg_temp.noise('recoup', i, 64), pg_temp.noise('blind', -i, 32), 1, 0, pg_temp.moment(i), i * 11, i * 13
from generate_series(1, 3 * :n) as i;

insert into public.wire_out (execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
select pg_temp.moment(i), pg_temp.noise('wtid', i, 32), 'payto://x-taler-bank/localhost/' || i % 1000, 'exchange-account-1', 18, 0
from generate_series(1, 10 * :n) as i;

insert into public.aggregation_tracking (deposit_serial_id, wtid_raw)
select i, pg_temp.noise('wtid', 1 + i % (10 * :n), 32)
from generate_series(1, 178 * :n) as i;
