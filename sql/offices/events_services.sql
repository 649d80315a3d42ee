-- Which services were used, by how many users and for how much.
select command, sum(number)::bigint as number, count(*), sum(amount)::bigint, min(first), max(last)
from (
    select command, user_id, count(*) as number, sum(amount) as amount, min(at) as first, max(at) as last
    from events
    group by command, user_id
) as of_users
group by command
order by number desc, command
