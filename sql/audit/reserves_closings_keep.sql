-- Keeps the closings of this run.
insert into auditor.closings (exchange_id, serial, reserve_pub, at, receiver, amount_val, amount_frac, fee_val, fee_frac, wrong)
select $1, e.serial, e.reserve_pub, e.at, e.account, e.amount_val, e.amount_frac, e.fee_val, e.fee_frac, false
from staged_reserve_events as e
where e.kind = 4
order by e.serial
on conflict (exchange_id, serial) do nothing
