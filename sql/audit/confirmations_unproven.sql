-- The confirmations with serials from $2 to $3, which are new, and those below that
-- no run could prove to be the exchange's.
select c.serial, c.h_contract_terms, c.h_wire, c.exchange_timestamp, c.refund_deadline, c.amount::text, c.coin_pub, c.merchant_pub,
    c.exchange_pub, c.exchange_sig, c.key_start, c.key_expire_sign, c.key_expire_legal, c.master_sig
from (
    select n.*
    from auditor.deposit_confirmations as n
    where n.exchange_id = $1 and n.serial >= $2 and n.serial <= $3
    union all
    select o.*
    from auditor.confirmation_states as s
    join auditor.deposit_confirmations as o on o.exchange_id = s.exchange_id and o.serial = s.serial
    where s.exchange_id = $1 and not s.proven and s.serial < $2
) as c
order by c.serial
