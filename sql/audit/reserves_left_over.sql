-- R-24: reserves that were closed, not credited since, and still hold money.
select r.reserve_pub, r.balance::text, r.last_closing, null::text[]
from auditor.reserves as r
where r.exchange_id = $1 and r.balance > 0 and r.last_closing > coalesce(r.last_credit, -1)
order by r.reserve_pub
