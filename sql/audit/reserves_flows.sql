-- What this run's events moved: money that came in, fees that were earned, what
-- closings had the bank pay out, rounded down to the unit $1 (0: not rounded), and
-- what the rounding left to the exchange.
select
    coalesce(sum(f.amount) filter (where f.kind = 1), 0)::text,
    coalesce(sum(f.fee), 0)::text,
    coalesce(sum(f.wired) filter (where f.kind = 4), 0)::text,
    coalesce(sum(greatest(f.amount - f.fee, 0) - f.wired) filter (where f.kind = 4), 0)::text
from (
    select e.kind, e.amount, e.fee,
        case when $1::numeric = 0 then greatest(e.amount - e.fee, 0)
            else div(greatest(e.amount - e.fee, 0), $1::numeric) * $1::numeric end as wired
    from (
        select kind, amount_val + amount_frac * 0.00000001 as amount, fee_val + fee_frac * 0.00000001 as fee
        from staged_reserve_events
    ) as e
) as f
