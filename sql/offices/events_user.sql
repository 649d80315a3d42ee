-- Each event of the one user that is asked for.
select e.at, e.command, host(e.ip), e.amount, e.status::text, e.nanoseconds, e.event_id::text, d.detail
from events as e
left join details as d using (event_id)
order by e.at desc, e.event_id desc
