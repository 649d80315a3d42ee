-- At which hours of the day (UTC) money is used.
select extract(hour from at at time zone 'UTC')::bigint as hour,
    count(*) filter (where use = 'withdrawal') as withdrawals,
    count(*) filter (where use = 'deposit') as deposits
from office_auditor.uses, period
where at >= period.since and at < period.until
group by 1
order by 1
