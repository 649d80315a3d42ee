-- A-22: transfers for which there is no single fee.
select t.serial, t.at, t.amount::text, t.method, t.fee::text, t.total::text, t.expected::text, t.deposits, t.due
from auditor.transfers as t
where t.exchange_id = $1 and t.fee is null and t.amount is not null
order by t.serial
