-- Each administrative action.
select e.at, e.command, e.user_id, host(e.ip), e.amount, e.status::text, e.event_id::text, d.detail
from events as e
left join details as d using (event_id)
where e.service = any ((select n.services from node as n)::integer[])
order by e.at desc, e.event_id desc
