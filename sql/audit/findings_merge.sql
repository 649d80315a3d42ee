-- Adds the findings of a run to those of earlier runs. A finding that was made
-- before keeps its first sighting; one that had been resolved holds anew. Of two
-- findings about the same (an exchange may list a reserve twice), the graver one counts,
-- in whatever order they were made.
insert into auditor.findings as f (
    exchange_id, identity, area, check_id, kind, severity, table_name, serial, subject,
    loss, exposure, gain, summary, evidence, first_run, first_as_of, since_run, last_run)
select distinct on (s.identity)
    $1, s.identity, s.area, s.check_id, s.kind, s.severity, s.table_name, s.serial, s.subject,
    s.loss_val + s.loss_frac * 0.00000001,
    s.exposure_val + s.exposure_frac * 0.00000001,
    s.gain_val + s.gain_frac * 0.00000001,
    s.summary, s.evidence::jsonb, $2, $3, $2, $2
from staged_findings as s
order by
    s.identity, s.loss_val + s.loss_frac * 0.00000001 desc nulls last, s.exposure_val + s.exposure_frac * 0.00000001 desc nulls last,
    s.gain_val + s.gain_frac * 0.00000001 desc nulls last, s.summary
on conflict (exchange_id, identity) do update set
    severity = excluded.severity,
    loss = excluded.loss,
    exposure = excluded.exposure,
    gain = excluded.gain,
    summary = excluded.summary,
    evidence = excluded.evidence,
    since_run = case when f.resolved_run is null then f.since_run else excluded.since_run end,
    last_run = excluded.last_run,
    resolved_run = null
