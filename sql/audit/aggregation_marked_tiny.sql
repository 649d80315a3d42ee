-- A-40: deposits that the exchange believes to be too small to be wired, although
-- they are worth at least $2.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, null::bigint, null::text
from staged_unpaid_deposits as u
join auditor.obligations as o on o.exchange_id = $1 and o.deposit = u.deposit
where u.tiny and o.transfer is null and o.owed >= $2::numeric
order by o.deposit
