-- How far the tables $1 are in the shared pass $2: how many of them belong to another
-- pass by now, how many are not done, how many rows were copied, and why a process
-- halted, if one did.
select
    count(*) filter (where t.number <> $2),
    count(*) filter (where not t.done),
    coalesce(sum(t.rows), 0)::bigint,
    (select max(h.halted) from auditor_sync.shared_tables as h where h.number = $2)
from auditor_sync.shared_tables as t
where t.table_name = any ($1)
