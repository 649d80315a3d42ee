-- A-38: deposits that the exchange believes to have paid, although no transfer did.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, null::bigint, null::text
from auditor.obligations as o
where o.exchange_id = $1 and o.transfer is null and o.owed > 0
    and not exists (select from staged_unpaid_deposits as u where u.deposit = o.deposit)
order by o.deposit
