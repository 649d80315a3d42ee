-- R-35: reserves without money that are gone from the exchange's database although
-- they may not be collected before the given time. One with money is R-14.
select c.reserve_pub, c.collection
from (
    select
        r.reserve_pub,
        least(greatest(r.expiration, r.last_use::numeric + $2), 9223372036854775807)::bigint as collection
    from auditor.reserves as r
    where r.exchange_id = $1 and r.balance <= 0 and r.expiration is not null
) as c
where c.collection > $3
    and not exists (select from staged_reserve_balances as s where s.reserve_pub = c.reserve_pub)
order by c.reserve_pub
