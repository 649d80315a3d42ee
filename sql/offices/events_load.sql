-- Events of each day (UTC), in its busiest second, and how long servers took.
with seconds as (
    select at, count(*) as number from events group by at
), busiest as (
    select date_trunc('day', at at time zone 'UTC')::date as day, max(number) as number from seconds group by 1
)
select d.day, d.number, b.number, d.median, d.p99
from (
    select date_trunc('day', at at time zone 'UTC')::date as day, count(*) as number,
        percentile_disc(0.5) within group (order by nanoseconds) as median,
        percentile_disc(0.99) within group (order by nanoseconds) as p99
    from events
    group by 1
) as d
join busiest as b using (day)
order by d.day
