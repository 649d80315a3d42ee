-- Who created tokens (130), deleted them (140) or administrated otherwise.
select e.user_id, count(*) as number,
    coalesce(sum(e.amount) filter (where e.service = 130), 0)::bigint,
    coalesce(sum(e.amount) filter (where e.service = 140), 0)::bigint,
    min(e.at), max(e.at)
from events as e
where e.service = any ((select n.services || '{130, 140}' from node as n)::integer[])
group by e.user_id
order by number desc, e.user_id
