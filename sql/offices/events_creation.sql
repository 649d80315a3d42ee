-- How many tokens were created (130) and deleted (140) on each day (UTC), and how often
-- somebody administrated otherwise.
select date_trunc('day', e.at at time zone 'UTC')::date as day,
    coalesce(sum(e.amount) filter (where e.service = 130), 0)::bigint,
    coalesce(sum(e.amount) filter (where e.service = 140), 0)::bigint,
    count(*) filter (where e.service not in (130, 140))
from events as e
where e.service = any ((select n.services || '{130, 140}' from node as n)::integer[])
group by 1
order by 1
