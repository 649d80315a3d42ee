-- R-31: reserves that the exchange dates otherwise than their credits, withdrawals
-- and recoups imply. Garbage may have taken withdrawals that would keep a reserve
-- longer, so only a date of collection that is too early is wrong.
select d.reserve_pub, d.expiration_theirs, d.expiration_ours, d.collection_theirs, d.collection_ours
from (
    select
        s.reserve_pub,
        s.expiration as expiration_theirs,
        r.expiration as expiration_ours,
        s.collection as collection_theirs,
        least(greatest(r.expiration, r.last_use::numeric + $2), 9223372036854775807)::bigint as collection_ours
    from staged_reserve_balances as s
    join auditor.reserves as r on r.exchange_id = $1 and r.reserve_pub = s.reserve_pub
    where s.balance_val is not null and r.expiration is not null
) as d
where d.expiration_theirs <> d.expiration_ours or d.collection_theirs < d.collection_ours
order by d.reserve_pub
