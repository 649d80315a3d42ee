-- The chunk of the table $1 that was begun as number $2, and the number of the
-- chunk below it, -1 if there is none.
select
    c.number,
    c.rows,
    c.root,
    coalesce((
        select p.number
        from auditor_sync.chunks as p
        where p.table_name = c.table_name and p.number < c.number
        order by p.number desc
        limit 1
    ), -1)
from auditor_sync.chunks as c
where c.table_name = $1 and c.ordinal = $2
