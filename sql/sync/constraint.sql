-- The columns and the definition of the constraint $3 of the table $2 in the
-- schema $1.
select
    coalesce((
        select array_agg(a.attname::text order by k.position)
        from pg_catalog.unnest(c.conkey) with ordinality as k (number, position)
        join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.number
    ), '{}'::text[]),
    pg_catalog.pg_get_constraintdef(c.oid)
from pg_catalog.pg_constraint as c
join pg_catalog.pg_class as t on t.oid = c.conrelid
join pg_catalog.pg_namespace as n on n.oid = t.relnamespace
where n.nspname = $1 and t.relname = $2 and c.conname = $3
