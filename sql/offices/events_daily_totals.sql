-- How often each service was used on each day (UTC), the busiest last, which is what is
-- left of a day that is cut off.
select date_trunc('day', at at time zone 'UTC')::date as day, command, count(*) as number
from events
group by 1, 2
order by 1, 3, 2
