-- Keeps the confirmations that are new, numbered in the order in which they were
-- read. The exchange's row is locked, so that no number is given twice and none is
-- seen before the ones below it.
insert into auditor.deposit_confirmations (
    exchange_id, serial, h_contract_terms, h_wire, exchange_timestamp, refund_deadline, amount,
    coin_pub, merchant_pub, exchange_pub, exchange_sig,
    key_start, key_expire_sign, key_expire_legal, master_sig, statement)
select
    $1, (select coalesce(max(c.serial), 0) from auditor.deposit_confirmations as c where c.exchange_id = $1) + row_number() over (order by s.entry),
    s.h_contract_terms, s.h_wire, s.exchange_timestamp, s.refund_deadline, s.amount_val + s.amount_frac * 0.00000001,
    s.coin_pub, s.merchant_pub, s.exchange_pub, s.exchange_sig,
    s.key_start, s.key_expire_sign, s.key_expire_legal, s.master_sig, s.statement
from (
    select distinct on (s.statement, s.exchange_pub) s.*
    from staged_confirmations as s
    order by s.statement, s.exchange_pub, s.master_sig is null, s.entry
) as s
where not exists (
    select from auditor.deposit_confirmations as c
    where c.exchange_id = $1 and c.statement = s.statement and c.exchange_pub = s.exchange_pub)
returning serial
