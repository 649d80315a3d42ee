-- Those of the chunks of the table $1 with the numbers $2 that exist, each looked up
-- by itself, whatever the planner thinks of the table.
select c.number, c.present, c.leaves, c.root
from unnest($2::bigint[]) as n
cross join lateral (
    select x.number, x.present, x.leaves, x.root
    from auditor_sync.chunks as x
    where x.table_name = $1 and x.number = n
    limit 1
) as c
