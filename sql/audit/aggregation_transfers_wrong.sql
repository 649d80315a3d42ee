-- A-27: transfers of another amount than their deposits earn. Without a single fee, less
-- may be right.
select t.serial, t.at, t.amount::text, t.method, t.fee::text, t.total::text, t.expected::text, t.deposits, t.due
from auditor.transfers as t
where t.exchange_id = $1 and t.amount <> t.expected and (t.fee is not null or t.amount > t.expected)
order by t.serial
