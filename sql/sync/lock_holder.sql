-- The server process that holds the advisory lock with the 64-bit key $1 in this
-- database.
select coalesce(max(l.pid), 0)::bigint
from pg_catalog.pg_locks as l
join pg_catalog.pg_database as d on d.oid = l.database
where l.locktype = 'advisory'
  and l.granted
  and l.objsubid = 1
  and l.classid::bigint = ($1::bigint >> 32)
  and l.objid::bigint = ($1::bigint & 4294967295)
  and d.datname = pg_catalog.current_database()
