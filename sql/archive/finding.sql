-- The findings of the exchange $1 whose identity begins, in hexadecimal, with $2: two
-- are enough to know that it is ambiguous. The index on identities bounds the search.
select
    f.identity, f.area, f.check_id, f.kind, f.severity, f.table_name, f.serial, f.subject,
    f.loss::text, f.exposure::text, f.gain::text, f.summary, f.evidence,
    f.first_run, f.first_as_of, f.since_run, f.last_run, f.resolved_run,
    a.name, a.reason, a.entered, a.lapsed
from auditor.findings as f
left join auditor.acknowledged as a on a.exchange_id = f.exchange_id and a.identity = f.identity
where f.exchange_id = $1
    and f.identity >= decode(rpad($2, 64, '0'), 'hex')
    and f.identity <= decode(rpad($2, 64, 'f'), 'hex')
order by f.identity
limit 2
