-- Operations by the hour of the day (UTC).
select extract(hour from at at time zone 'UTC')::bigint as hour, count(*) as operations
from office_performance.operations, period
where at >= period.since and at < period.until
group by 1
order by 1
