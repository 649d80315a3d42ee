-- Per check: what this run found, and what is open.
select
    f.check_id,
    count(*) filter (where f.found),
    coalesce(sum(f.loss) filter (where f.found), 0)::text,
    coalesce(sum(f.exposure) filter (where f.found), 0)::text,
    coalesce(sum(f.gain) filter (where f.found), 0)::text,
    count(*),
    coalesce(sum(f.loss), 0)::text,
    coalesce(sum(f.exposure), 0)::text,
    coalesce(sum(f.gain), 0)::text
from (
    select check_id, loss, exposure, gain,
        case kind when 'row' then first_run = $2 else last_run = $2 end as found
    from auditor.findings
    where exchange_id = $1 and resolved_run is null
) as f
group by f.check_id
