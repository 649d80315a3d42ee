-- Per check: what this run found, what is open, and how much of that was acknowledged.
select
    f.check_id,
    count(*) filter (where f.found),
    coalesce(sum(f.loss) filter (where f.found), 0)::text,
    coalesce(sum(f.exposure) filter (where f.found), 0)::text,
    coalesce(sum(f.gain) filter (where f.found), 0)::text,
    count(*),
    coalesce(sum(f.loss), 0)::text,
    coalesce(sum(f.exposure), 0)::text,
    coalesce(sum(f.gain), 0)::text,
    count(*) filter (where f.acknowledged)
from (
    select f.check_id, f.loss, f.exposure, f.gain, not a.lapsed as acknowledged,
        case f.kind when 'row' then f.first_run = $2 else f.last_run = $2 end as found
    from auditor.findings as f
    left join auditor.acknowledged as a on a.exchange_id = f.exchange_id and a.identity = f.identity
    where f.exchange_id = $1 and f.resolved_run is null
) as f
group by f.check_id
