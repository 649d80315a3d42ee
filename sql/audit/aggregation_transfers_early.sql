-- A-32: transfers that took place before any of their deposits was due, by more than
-- $2 microseconds.
select t.serial, t.at, t.amount::text, t.method, t.fee::text, t.total::text, t.expected::text, t.deposits, t.due
from auditor.transfers as t
where t.exchange_id = $1 and t.due > t.at and t.due - t.at > $2
order by t.serial
