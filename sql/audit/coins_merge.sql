-- Folds the events of a run into the balances of the coins. Units and fractions are
-- summed apart, which is exact and much quicker than to add numerics; so is to insert
-- what is known to be new instead of leaving that to a conflict.
with events as materialized (
    select n.coin, d.denomination, n.coin_pub, d.value, n.spent, n.returned, n.refunded, n.genuine
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
), changed as (
    update auditor.coins as c set
        coin_pub = coalesce(c.coin_pub, e.coin_pub),
        spent = c.spent + e.spent,
        returned = c.returned + e.returned,
        refunded = c.refunded or e.refunded,
        genuine = c.genuine and e.genuine
    from events as e
    where c.exchange_id = $1 and c.coin = e.coin
)
insert into auditor.coins (exchange_id, coin, denomination, coin_pub, value, spent, returned, refunded, genuine)
select $1, e.coin, e.denomination, e.coin_pub, e.value, e.spent, e.returned, e.refunded, e.genuine
from events as e
where not exists (select from auditor.coins as c where c.exchange_id = $1 and c.coin = e.coin)
order by e.coin
