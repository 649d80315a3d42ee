-- The findings of the exchange $1 in the area $2 and of the check $3 (empty: all),
-- with one of the severities $4 and the status $5 as of the run $6, at most $7 of
-- them: the gravest and newest first.
select
    f.identity, f.area, f.check_id, f.kind, f.severity, f.table_name, f.serial, f.subject,
    f.loss::text, f.exposure::text, f.gain::text, f.summary, f.evidence,
    f.first_run, f.first_as_of, f.since_run, f.last_run, f.resolved_run,
    a.name, a.reason, a.entered, a.lapsed
from auditor.findings as f
left join auditor.acknowledged as a on a.exchange_id = f.exchange_id and a.identity = f.identity
where f.exchange_id = $1
    and $2 in ('', f.area)
    and $3 in ('', f.check_id)
    and f.severity = any ($4::text[])
    and case $5
        when 'all' then true
        when 'resolved' then f.resolved_run is not null
        when 'acknowledged' then a.name is not null
        when 'new' then f.resolved_run is null and f.since_run = $6
        when 'persisting' then f.resolved_run is null and f.since_run < $6
        else f.resolved_run is null
    end
order by
    f.resolved_run is not null,
    array_position(array['loss', 'exposure', 'inconsistency', 'notice'], f.severity),
    f.since_run desc, f.check_id, f.serial, f.subject, f.identity
limit $7
