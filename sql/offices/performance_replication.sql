-- Passes of replication, day by day (UTC).
select date_trunc('day', started at time zone 'UTC')::date as day, count(*) as passes, count(*) filter (where finished is null) as unfinished,
    sum(rows)::bigint as rows, percentile_cont(0.5) within group (order by seconds) as median, max(seconds) as longest
from office_performance.replication, period
where started >= period.since and started < period.until
group by 1
order by 1
