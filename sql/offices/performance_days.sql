-- Operations, day by day (UTC).
select date_trunc('day', at at time zone 'UTC')::date as day, count(*) as operations,
    count(*) filter (where operation = 'withdrawal') as withdrawals, count(*) filter (where operation = 'deposit') as deposits,
    count(*) filter (where operation = 'transfer') as transfers
from office_performance.operations, period
where at >= period.since and at < period.until
group by 1
order by 1
