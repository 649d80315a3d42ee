-- The schedule of findings: those that are open, the newest first, up to a
-- number per check, and those that this run resolved, up to the same number.
select
    l.identity, l.area, l.check_id, l.kind, l.severity, l.table_name, l.serial, l.subject,
    l.loss::text, l.exposure::text, l.gain::text, l.summary, l.evidence,
    l.first_run, l.first_as_of, l.since_run, l.resolved_run is not null
from (
    select f.*, row_number() over (
        partition by f.check_id, f.resolved_run
        order by f.since_run desc, f.serial, f.subject) as place
    from auditor.findings as f
    where f.exchange_id = $1 and (f.resolved_run is null or f.resolved_run = $2)
) as l
where l.place <= $3
order by l.check_id, l.serial, l.subject, l.identity
