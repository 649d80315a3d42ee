-- What all reserves together should hold. An overdrawn one does not lessen what
-- is owed to the others.
select coalesce(sum(r.balance), 0)::text
from auditor.reserves as r
where r.exchange_id = $1 and r.balance > 0
