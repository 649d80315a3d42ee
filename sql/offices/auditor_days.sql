-- The use of money, day by day (UTC).
select date_trunc('day', at at time zone 'UTC')::date as day,
    count(*) filter (where use = 'withdrawal') as withdrawals,
    coalesce(sum(amount) filter (where use = 'withdrawal'), 0) as withdrawn,
    count(*) filter (where use = 'deposit') as deposits,
    coalesce(sum(amount) filter (where use = 'deposit'), 0) as spent,
    count(*) filter (where use like 'recoup%') as recoups
from office_auditor.uses, period
where at >= period.since and at < period.until
group by 1
order by 1
