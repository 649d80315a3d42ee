-- A-31: parts of transfers that do not exist. The last column is the row that says
-- so.
select d.deposit, o.amount::text, coalesce(o.refunded, 0)::text, coalesce(o.owed, 0)::text, o.due, o.transfer, null::text, d.serial, null::text
from auditor.dangling_trackings as d
left join auditor.obligations as o on o.exchange_id = d.exchange_id and o.deposit = d.deposit
where d.exchange_id = $1
order by d.serial
