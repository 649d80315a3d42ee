-- The kind of each named relation of a schema, whether row-level security may hide
-- rows of it, and whether other tables inherit from it, so that reading it would
-- read their rows too.
select c.relname::text,
    c.relkind::text,
    c.relrowsecurity,
    exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = any ($2)
    and c.relkind not in ('i', 'I', 'S', 't', 'c')
