-- Forgets parts of transfers whose transfer has appeared, and remembers those whose
-- transfer is missing.
with found as (
    delete from auditor.dangling_trackings as d
    using staged_obligation_events as e
    where d.exchange_id = $1 and e.kind = 3 and e.tracking = d.serial
)
insert into auditor.dangling_trackings (exchange_id, serial, deposit)
select $1, s.serial, s.deposit
from staged_dangling_trackings as s
on conflict (exchange_id, serial) do nothing
