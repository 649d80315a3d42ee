-- Events that were read and say something else than the one that is kept under their
-- number: both as text, in the order in which they were read.
select
    s.event_id,
    pg_catalog.format('%s %s user %s service %s amount %s time %s ns status %s', pg_catalog.to_char(pg_catalog.to_timestamp(s.seconds), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), s.ip,
        s.user_id, s.service, s.amount, s.nanoseconds, s.status),
    pg_catalog.format('%s %s user %s service %s amount %s time %s ns status %s', pg_catalog.to_char(k.at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), pg_catalog.host(k.ip),
        k.user_id, k.service, k.amount, k.nanoseconds, k.status)
from staged_events as s
join event_log.events as k using (event_id)
where (k.at, k.ip, k.service, k.nanoseconds, k.status) <> (pg_catalog.to_timestamp(s.seconds), s.ip::inet, s.service, s.nanoseconds, s.status)
    or k.user_id is distinct from s.user_id or k.amount is distinct from s.amount
order by s.place
