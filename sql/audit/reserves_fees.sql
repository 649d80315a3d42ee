-- The withdraw and closing fees of this run.
select coalesce(sum(e.fee_val + e.fee_frac * 0.00000001), 0)::text
from staged_reserve_events as e
