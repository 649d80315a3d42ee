-- What all reserves together should hold, and by how much some are overdrawn, which
-- does not lessen what is owed to the others.
select
    coalesce(sum(r.balance) filter (where r.balance > 0), 0)::text,
    coalesce(- sum(r.balance) filter (where r.balance < 0), 0)::text
from auditor.reserves as r
where r.exchange_id = $1 and r.balance <> 0
