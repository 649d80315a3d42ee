-- Remembers which bank transfers were booked as credits, each at its first booking.
insert into auditor.credits (exchange_id, account_section, wire_reference, serial)
select distinct on (e.account_section, e.wire_reference) $1, e.account_section, e.wire_reference, e.serial
from staged_reserve_events as e
where e.kind = 1
order by e.account_section, e.wire_reference, e.serial
on conflict (exchange_id, account_section, wire_reference) do nothing
