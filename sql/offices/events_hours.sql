-- Events by the hour of the day (UTC).
select extract(hour from at at time zone 'UTC')::integer as hour, count(*), sum(amount)::bigint
from events
group by 1
order by 1
