-- The two chunks with the highest serials of each of the tables $1, by table,
-- ascending.
select t.position - 1, c.number, c.rows, c.root
from unnest($1::text[]) with ordinality as t (name, position)
cross join lateral (
    select x.number, x.rows, x.root
    from auditor_sync.chunks as x
    where x.table_name = t.name
    order by x.number desc
    limit 2
) as c
order by t.position, c.number
