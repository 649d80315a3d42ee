-- A-30: deposits that are more than once part of a transfer.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, o.trackings, null::text
from auditor.obligations as o
where o.exchange_id = $1 and o.trackings > 1
order by o.deposit
