-- The usable B-tree indexes over whole columns of the named tables of a schema:
-- their columns in order, each with its direction. Indexes over expressions or
-- over part of the rows are left out.
select c.relname::text,
    array(
        select a.attname || case when x.indoption[u.position - 1] & 1 = 1 then ' desc' else '' end
        from pg_catalog.unnest(x.indkey::int2[]) with ordinality as u (attnum, position)
        join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = u.attnum
        where u.position <= x.indnkeyatts
        order by u.position
    )
from pg_catalog.pg_index x
join pg_catalog.pg_class c on c.oid = x.indrelid
join pg_catalog.pg_class i on i.oid = x.indexrelid
join pg_catalog.pg_am m on m.oid = i.relam
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = any ($2)
    and m.amname = 'btree' and x.indisvalid and x.indexprs is null and x.indpred is null
order by c.relname, i.relname
