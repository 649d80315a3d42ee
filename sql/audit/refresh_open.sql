-- Melts that are not as they should be, or not yet.
select
    m.serial, m.coin_pub, m.amount::text, m.paid::text, m.cost::text, m.booked, m.choice,
    m.keys is not null, m.surplus_keys, m.fresh, m.unusable, m.proven, m.gap
from auditor.melts as m
where m.exchange_id = $1 and m.open
order by m.serial
