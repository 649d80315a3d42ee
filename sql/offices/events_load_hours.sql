-- Events by the hour of the day (UTC), and how long servers took.
select extract(hour from at at time zone 'UTC')::integer as hour, count(*), percentile_disc(0.5) within group (order by nanoseconds)
from events
group by 1
order by 1
