-- The schedule of findings: those that are open, up to a number per check, and those
-- that this run resolved, up to the same number. Where there are more, those that
-- nobody acknowledged go first, the graver ones before the others, then the newer.
select
    l.identity, l.area, l.check_id, l.kind, l.severity, l.table_name, l.serial, l.subject,
    l.loss::text, l.exposure::text, l.gain::text, l.summary, l.evidence,
    l.first_run, l.first_as_of, l.since_run, l.last_run, l.resolved_run,
    l.name, l.reason, l.entered, l.lapsed
from (
    select f.*, a.name, a.reason, a.entered, a.lapsed, row_number() over (
        partition by f.check_id, f.resolved_run
        order by
            coalesce(not a.lapsed, false),
            array_position(array['loss', 'exposure', 'inconsistency', 'notice'], f.severity),
            f.since_run desc, f.serial, f.subject) as place
    from auditor.findings as f
    left join auditor.acknowledged as a on a.exchange_id = f.exchange_id and a.identity = f.identity
    where f.exchange_id = $1 and (f.resolved_run is null or f.resolved_run = $2)
) as l
where l.place <= $3
order by l.check_id, l.serial, l.subject, l.identity
