-- The columns of the named relations of a schema: type by number and modifier, and
-- as text for people; NOT NULL; whether the value is computed; the default.
select c.relname::text,
    a.attname::text,
    a.atttypid,
    a.atttypmod,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    a.attnotnull,
    a.attgenerated <> '',
    coalesce(case when a.attidentity <> '' then 'identity'
        else pg_catalog.pg_get_expr(d.adbin, d.adrelid) end, '')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid
left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname = $1 and c.relname = any ($2)
    and c.relkind not in ('i', 'I', 'S', 't', 'c')
    and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
