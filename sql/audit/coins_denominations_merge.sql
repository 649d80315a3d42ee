-- Folds the events of a run into the balances of the denominations. Units and fractions
-- are summed apart, which is exact and much quicker than to add numerics.
update auditor.denominations as d set
    issued = d.issued + n.issued,
    known = d.known + n.known,
    issued_value = d.issued_value + n.issued_value,
    outstanding = d.outstanding + n.outstanding
from (
    select
        s.denomination,
        sum(s.issued)::bigint as issued,
        sum(s.known)::bigint as known,
        sum(s.issued_value) as issued_value,
        sum(s.outstanding) as outstanding
    from (
        select
            e.denomination,
            coalesce(sum(e.coins), 0) as issued,
            0 as known,
            coalesce(sum(e.units) filter (where e.kind in (1, 2, 5, 9)) + sum(e.fraction) filter (where e.kind in (1, 2, 5, 9)) * 0.00000001, 0) as issued_value,
            sum(e.sign * e.units) + sum(e.sign * e.fraction) * 0.00000001 as outstanding
        from (
            select s.denomination, s.kind, s.coins,
                case when s.kind = 5 then s.amount_val - s.fee_val else s.amount_val end as units,
                case when s.kind = 5 then s.amount_frac - s.fee_frac else s.amount_frac end as fraction,
                case when s.kind in (1, 2, 5, 8, 9) then 1 when s.kind = 10 then 0 else -1 end as sign
            from staged_coin_events as s
        ) as e
        group by e.denomination
        union all
        select s.denomination, 0, count(distinct s.coin) filter (where s.genuine), 0, 0
        from staged_coins as s
        group by s.denomination
    ) as s
    group by s.denomination
) as n
where d.exchange_id = $1 and d.denomination = n.denomination
