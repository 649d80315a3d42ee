-- R-13: reserves out of which more was taken than was paid in.
select r.reserve_pub, (- r.balance)::text, null::bigint, null::text[]
from auditor.reserves as r
where r.exchange_id = $1 and r.balance < 0
order by r.reserve_pub
