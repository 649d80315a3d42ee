-- A-20: deposits that a transfer to another account paid. The last column is the
-- row that says so.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, o.diverted, null::text
from auditor.obligations as o
where o.exchange_id = $1 and o.diverted is not null
order by o.deposit
