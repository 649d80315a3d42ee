-- R-27: credits of this run for bank transfers that were booked before.
select e.serial, c.serial, e.reserve_pub, e.account_section, e.wire_reference, e.amount_val, e.amount_frac
from staged_reserve_events as e
join auditor.credits as c
    on c.exchange_id = $1 and c.account_section = e.account_section and c.wire_reference = e.wire_reference
where e.kind = 1 and c.serial <> e.serial
order by e.serial
