-- R-14, R-15: reserves for which the exchange's own balance differs from ours.
-- An overdrawn reserve holds nothing. What the exchange believes of a reserve whose
-- row cannot be read is not known.
select b.reserve_pub, b.theirs::text, b.ours::text
from (
    select
        coalesce(s.reserve_pub, r.reserve_pub) as reserve_pub,
        s.balance_val + s.balance_frac * 0.00000001 as theirs,
        s.reserve_pub is not null and s.balance_val is null as unreadable,
        greatest(coalesce(r.balance, 0), 0) as ours
    from staged_reserve_balances as s
    full join (select * from auditor.reserves where exchange_id = $1) as r on r.reserve_pub = s.reserve_pub
) as b
where coalesce(b.theirs, 0) <> b.ours and not b.unreadable
order by b.reserve_pub
