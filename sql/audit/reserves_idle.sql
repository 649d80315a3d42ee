-- R-16, R-17: reserves that hold money, were not closed since their last credit,
-- and expired before the given time.
select r.reserve_pub, r.balance::text, r.expiration,
    (select array_agg(o.account order by o.account)
     from auditor.reserve_origins as o
     where o.exchange_id = r.exchange_id and o.reserve_pub = r.reserve_pub) as origins
from auditor.reserves as r
where r.exchange_id = $1
    and r.balance > 0
    and coalesce(r.last_closing, -1) <= coalesce(r.last_credit, -1)
    and r.expiration < $2
order by r.reserve_pub
