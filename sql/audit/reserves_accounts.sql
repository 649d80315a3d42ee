-- R-32: reserves that the exchange would pay out to an account that they were not
-- credited from. One with money that was never credited at all is R-15.
select s.reserve_pub, s.account, s.balance_val, s.balance_frac, o.accounts
from staged_reserve_balances as s
left join (
    select reserve_pub, array_agg(account order by account) as accounts
    from auditor.reserve_origins
    where exchange_id = $1
    group by reserve_pub
) as o on o.reserve_pub = s.reserve_pub
where s.balance_val is not null
    and case when o.accounts is null then s.balance_val = 0 and s.balance_frac = 0 else s.account <> all (o.accounts) end
order by s.reserve_pub
