-- Keeps the events that are new, of those with the same number the first one.
insert into event_log.events (at, event_id, amount, service, nanoseconds, status, user_id, ip)
select distinct on (s.event_id) pg_catalog.to_timestamp(s.seconds), s.event_id, s.amount, s.service, s.nanoseconds, s.status, s.user_id, s.ip::inet
from staged_events as s
where not exists (select from event_log.events as e where e.event_id = s.event_id)
order by s.event_id, s.place
