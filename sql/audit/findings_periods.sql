-- Keeps when findings held that were resolved and that this run made again.
insert into auditor.finding_periods (exchange_id, identity, from_run, until_run)
select f.exchange_id, f.identity, f.since_run, f.resolved_run
from auditor.findings as f
where f.exchange_id = $1
    and f.resolved_run is not null
    and exists (select from staged_findings as s where s.identity = f.identity)
