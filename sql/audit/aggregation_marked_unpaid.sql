-- A-39: deposits that the exchange believes it must still pay, although a transfer
-- did.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, null::bigint, null::text
from staged_unpaid_deposits as u
join auditor.obligations as o on o.exchange_id = $1 and o.deposit = u.deposit
where o.transfer is not null
order by o.deposit
