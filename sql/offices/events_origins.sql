-- From which addresses users came.
select host(ip), sum(number)::bigint as number, count(*), min(first), max(last)
from (
    select ip, user_id, count(*) as number, min(at) as first, max(at) as last
    from events
    group by ip, user_id
) as of_users
group by ip
order by number desc, ip
