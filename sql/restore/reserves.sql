-- reserves, with the balances and dates that follow from what came in and went out;
-- an overdrawn reserve is empty, as the columns cannot say less
select
    r.reserve_uuid,
    r.reserve_pub,
    r.account_details,
    trunc(greatest(coalesce(s.balance, 0), 0))::bigint as current_balance_val,
    (mod(greatest(coalesce(s.balance, 0), 0), 1) * 100000000)::integer as current_balance_frac,
    coalesce(s.expiration_date, r.expiration_date) as expiration_date,
    coalesce(s.gc_date, r.gc_date) as gc_date
from :"schema".reserves as r
left join (:states) as s on s.reserve_uuid = r.reserve_uuid
