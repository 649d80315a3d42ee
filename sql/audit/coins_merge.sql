-- Folds the events of a run into the balances of the coins. Units and fractions are
-- summed apart, which is exact and much quicker than to add numerics.
insert into auditor.coins as c (exchange_id, coin, denomination, coin_pub, value, spent, returned, refunded, genuine)
select $1, n.coin, d.denomination, n.coin_pub, d.value, n.spent, n.returned, n.refunded, n.genuine
from (
    select
        coalesce(k.coin, e.coin) as coin,
        coalesce(k.denomination, e.denomination) as denomination,
        k.coin_pub,
        coalesce(e.spent, 0) as spent,
        coalesce(e.returned, 0) as returned,
        coalesce(e.refunded, false) as refunded,
        coalesce(k.genuine, true) as genuine
    from (
        select distinct on (s.coin) s.coin, s.denomination, s.coin_pub, s.genuine
        from staged_coins as s
        order by s.coin
    ) as k
    full join (
        select
            s.coin,
            min(s.denomination) as denomination,
            sum(s.amount_val) filter (where s.kind in (3, 4, 6, 7))
                + sum(s.amount_frac) filter (where s.kind in (3, 4, 6, 7)) * 0.00000001 as spent,
            sum(s.amount_val - s.fee_val) filter (where s.kind in (5, 8, 9))
                + sum(s.amount_frac - s.fee_frac) filter (where s.kind in (5, 8, 9)) * 0.00000001 as returned,
            bool_or(s.kind = 5) as refunded
        from staged_coin_events as s
        where s.coin is not null
        group by s.coin
    ) as e on e.coin = k.coin
) as n
join auditor.denominations as d on d.exchange_id = $1 and d.denomination = n.denomination
order by n.coin
on conflict (exchange_id, coin) do update set
    coin_pub = coalesce(c.coin_pub, excluded.coin_pub),
    spent = c.spent + excluded.spent,
    returned = c.returned + excluded.returned,
    refunded = c.refunded or excluded.refunded,
    genuine = c.genuine and excluded.genuine
