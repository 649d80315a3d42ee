-- How many operations there were of each sort, and in their busiest minute. What has no time
-- is part of every period.
with minutes as (
    select operation, date_trunc('minute', at) as minute, count(*) as operations
    from office_performance.operations, period
    where at is null or at >= period.since and at < period.until
    group by 1, 2
)
select operation, sum(operations)::bigint as operations, max(operations) filter (where minute is not null) as busiest_minute
from minutes
group by operation
order by operation
