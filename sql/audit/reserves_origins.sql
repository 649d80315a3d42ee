-- Remembers from which bank accounts each reserve was credited, and when it was.
with credited as (
    insert into auditor.reserve_credits as c (exchange_id, reserve_pub, at, expiration)
    select $1, e.reserve_pub, e.at, max(e.expiration)
    from staged_reserve_events as e
    where e.kind in (1, 2)
    group by e.reserve_pub, e.at
    on conflict (exchange_id, reserve_pub, at) do update set expiration = greatest(c.expiration, excluded.expiration)
)
insert into auditor.reserve_origins (exchange_id, reserve_pub, account)
select distinct $1::integer, e.reserve_pub, e.account
from staged_reserve_events as e
where e.kind = 1
on conflict (exchange_id, reserve_pub, account) do nothing
