-- Keeps the details that are new.
insert into event_log.event_details (event_id, detail, packed)
select distinct s.event_id, s.detail, s.packed
from staged_details as s
on conflict do nothing
