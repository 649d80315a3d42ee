-- By how much reserves are overdrawn.
select coalesce(- sum(r.balance), 0)::text
from auditor.reserves as r
where r.exchange_id = $1 and r.balance < 0
