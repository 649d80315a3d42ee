-- What the transfers of this run wired.
select coalesce(sum(s.amount_val + s.amount_frac * 0.00000001), 0)::text
from staged_transfers as s
where s.at is not null
