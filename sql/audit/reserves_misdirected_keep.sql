-- Keeps the closings of this run that went to an account which their reserve was not
-- credited from, and forgets those that a credit of this run justifies.
with justified as (
    delete from auditor.misdirected_closings as m
    using auditor.reserve_origins as o
    where m.exchange_id = $1 and o.exchange_id = $1 and o.reserve_pub = m.reserve_pub and o.account = m.receiver
)
insert into auditor.misdirected_closings (exchange_id, serial, reserve_pub, at, receiver, amount_val, amount_frac)
select $1, e.serial, e.reserve_pub, e.at, e.account, e.amount_val, e.amount_frac
from staged_reserve_events as e
where e.kind = 4
    and not exists (
        select from auditor.reserve_origins as o
        where o.exchange_id = $1 and o.reserve_pub = e.reserve_pub and o.account = e.account
    )
on conflict (exchange_id, serial) do nothing
