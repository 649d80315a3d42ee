-- Folds the events of a run into the balances of the reserves.
insert into auditor.reserves as r (
    exchange_id, reserve_pub, balance, fees, expiration, last_credit, last_closing, last_use)
select
    $1, e.reserve_pub,
    sum(case when e.kind in (1, 2) then 1 else -1 end * (e.amount_val + e.amount_frac * 0.00000001)),
    sum(e.fee_val + e.fee_frac * 0.00000001),
    max(e.expiration),
    max(e.at) filter (where e.kind in (1, 2)),
    max(e.at) filter (where e.kind = 4),
    max(e.at) filter (where e.kind in (2, 3))
from staged_reserve_events as e
group by e.reserve_pub
on conflict (exchange_id, reserve_pub) do update set
    balance = r.balance + excluded.balance,
    fees = r.fees + excluded.fees,
    expiration = greatest(r.expiration, excluded.expiration),
    last_credit = greatest(r.last_credit, excluded.last_credit),
    last_closing = greatest(r.last_closing, excluded.last_closing),
    last_use = greatest(r.last_use, excluded.last_use)
