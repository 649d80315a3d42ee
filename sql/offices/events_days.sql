-- Events of each day (UTC).
select day, sum(number)::bigint, count(*), sum(amount)::bigint
from (
    select date_trunc('day', at at time zone 'UTC')::date as day, user_id, count(*) as number, sum(amount) as amount
    from events
    group by 1, 2
) as of_users
group by day
order by day
