-- What is owed for deposits that no transfer paid: in total, and for those that
-- were due before the given time.
select coalesce(sum(o.owed), 0)::text, coalesce(sum(o.owed) filter (where o.due < $2), 0)::text
from auditor.obligations as o
where o.exchange_id = $1 and o.transfer is null and o.owed > 0
