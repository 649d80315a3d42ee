-- The closings that are wrong, and those of reserves that this run credited or closed,
-- each with what happened to its reserve before: until when it was to be kept, when it
-- was credited and closed last. Of what happens in one second, credits come first.
with touched as (
    select c.serial from auditor.closings as c where c.exchange_id = $1 and c.wrong
    union
    select c.serial
    from staged_reserve_events as e
    join auditor.closings as c on c.exchange_id = $1 and c.reserve_pub = e.reserve_pub
    where e.kind in (1, 2, 4)
)
select
    c.serial, c.reserve_pub, c.at, c.receiver, c.amount_val, c.amount_frac, c.fee_val, c.fee_frac, c.due_val, c.due_frac, c.wrong,
    credits.expiration, credits.last,
    (select max(o.at) from auditor.closings as o where o.exchange_id = $1 and o.reserve_pub = c.reserve_pub and (o.at, o.serial) < (c.at, c.serial)),
    origins.first, coalesce(origins.paid, false)
from auditor.closings as c
cross join lateral (
    select max(k.expiration) as expiration, max(k.at) as last
    from auditor.reserve_credits as k
    where k.exchange_id = $1 and k.reserve_pub = c.reserve_pub and k.at <= c.at
) as credits
cross join lateral (
    select min(o.account) as first, bool_or(o.account = c.receiver) as paid
    from auditor.reserve_origins as o
    where o.exchange_id = $1 and o.reserve_pub = c.reserve_pub
) as origins
where c.exchange_id = $1 and c.serial in (select t.serial from touched as t)
order by c.serial
