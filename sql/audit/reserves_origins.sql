-- Remembers from which bank accounts each reserve was credited.
insert into auditor.reserve_origins (exchange_id, reserve_pub, account)
select distinct $1::integer, e.reserve_pub, e.account
from staged_reserve_events as e
where e.kind = 1
on conflict (exchange_id, reserve_pub, account) do nothing
