-- The constraints of the named tables of a schema: kind, columns in order, the
-- table and columns that a foreign key refers to (the table without its schema if
-- it is the same one), the text of a check, and whether all rows were examined.
select c.relname::text,
    k.contype::text,
    array(
        select a.attname::text
        from pg_catalog.unnest(k.conkey) with ordinality as u (attnum, position)
        join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
        order by u.position
    ),
    coalesce(case when f.relnamespace = n.oid then '' else f.relnamespace::regnamespace::text || '.' end
        || f.relname, ''),
    array(
        select a.attname::text
        from pg_catalog.unnest(k.confkey) with ordinality as u (attnum, position)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum
        order by u.position
    ),
    case when k.contype = 'c' then pg_catalog.pg_get_expr(k.conbin, k.conrelid) else '' end,
    k.confdeltype::text,
    k.condeferrable,
    k.convalidated
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class f on f.oid = k.confrelid
where n.nspname = $1 and c.relname = any ($2) and k.contype in ('p', 'u', 'f', 'c')
order by c.relname, k.contype, k.conname
