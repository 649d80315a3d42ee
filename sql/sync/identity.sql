-- Which database this session is connected to, whatever name led here: the
-- identifier that initdb gave to the cluster, and the database's number in it.
-- A physical standby shares both with its primary, and holds the same rows.
select
    c.system_identifier,
    d.oid::bigint,
    d.datname::text
from pg_catalog.pg_control_system() as c
cross join pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
