-- What the events of this run add to fees and losses: deposit fees, those spared to
-- merchants and those given back to coins, fees of melts, of refunds and of fresh
-- coins, and what was recouped into reserves and into melted coins.
select
    coalesce(sum(e.fee) filter (where e.kind = 3), 0)::text,
    coalesce(sum(e.amount) filter (where e.kind = 10), 0)::text,
    coalesce(sum(e.amount) filter (where e.kind = 9), 0)::text,
    coalesce(sum(e.fee) filter (where e.kind = 4), 0)::text,
    coalesce(sum(e.fee) filter (where e.kind = 5), 0)::text,
    coalesce(sum(e.fee) filter (where e.kind = 2), 0)::text,
    coalesce(sum(e.amount) filter (where e.kind = 6), 0)::text,
    coalesce(sum(e.amount) filter (where e.kind = 7), 0)::text
from (
    select s.kind, s.amount_val + s.amount_frac * 0.00000001 as amount, s.fee_val + s.fee_frac * 0.00000001 as fee
    from staged_coin_events as s
) as e
