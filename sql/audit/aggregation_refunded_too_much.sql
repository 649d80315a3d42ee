-- A-29: deposits of which more was refunded than was paid.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, null::bigint, null::text
from auditor.obligations as o
where o.exchange_id = $1 and o.refunded > o.amount
order by o.deposit
