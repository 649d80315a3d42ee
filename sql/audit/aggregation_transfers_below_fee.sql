-- A-26: transfers for deposits that earn something, but less than the fee.
select t.serial, t.at, t.amount::text, t.method, t.fee::text, t.total::text, t.expected::text, t.deposits, t.due
from auditor.transfers as t
where t.exchange_id = $1 and t.total < t.fee and t.total > 0 and t.amount is not null
order by t.serial
