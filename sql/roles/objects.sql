-- Statements that give the tables, views and functions of a database to the owner
-- $1: all those in the schemas $2, and in the schema $3 those with the names $4.
select pg_catalog.format('alter table %I.%I owner to %I;', n.nspname, c.relname, $1::text)
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm')
  and (n.nspname = any ($2::text[]) or (n.nspname = $3 and c.relname = any ($4::text[])))
union all
select pg_catalog.format('alter function %s owner to %I;', p.oid::regprocedure, $1::text)
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname = any ($2::text[])
order by 1
