-- R-11, R-12: closings towards accounts that the reserve was not credited from, each with
-- the first of those that it was credited from, if there are any.
select
    m.serial, m.reserve_pub, m.at, m.receiver, m.amount_val, m.amount_frac,
    (select min(o.account) from auditor.reserve_origins as o where o.exchange_id = $1 and o.reserve_pub = m.reserve_pub) as origin
from auditor.misdirected_closings as m
where m.exchange_id = $1
order by m.serial
