-- A-41: unpaid deposits whose wire deadline is not what it was at first sight, which
-- is the last column.
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, null::text, o.wire_deadline, null::text
from staged_unpaid_deposits as u
join auditor.obligations as o on o.exchange_id = $1 and o.deposit = u.deposit
where o.transfer is null and u.wire_deadline <> o.wire_deadline
order by o.deposit
