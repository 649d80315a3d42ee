-- How many findings findings.sql would return without a limit.
select count(*)
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
