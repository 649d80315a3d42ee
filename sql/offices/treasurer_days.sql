-- Money that came in and went out, day by day (UTC).
select date_trunc('day', at at time zone 'UTC')::date as day,
    coalesce(sum(amount) filter (where movement = 'credit'), 0) as credited,
    coalesce(sum(amount) filter (where movement = 'closing'), 0) as returned,
    coalesce(sum(amount) filter (where movement = 'transfer'), 0) as paid,
    coalesce(sum(amount) filter (where movement like 'recoup%'), 0) as recouped
from office_treasurer.movements, period
where at >= period.since and at < period.until
group by 1
order by 1
