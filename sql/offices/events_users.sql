-- What each user did.
select user_id, sum(number)::bigint as number, count(*), sum(amount)::bigint, min(first), max(last)
from (
    select user_id, service, count(*) as number, sum(amount) as amount, min(at) as first, max(at) as last
    from events
    group by user_id, service
) as of_services
group by user_id
order by number desc, user_id
