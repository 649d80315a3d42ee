-- R-27: credits of this run for bank transfers that were booked before. The offset keeps the look-up
-- a look-up, of one transfer along the index: as a join it depends on what PostgreSQL remembers of the
-- table, which is wrong after the books of another exchange were removed.
select e.serial, c.serial, e.reserve_pub, e.account_section, e.wire_reference, e.amount_val, e.amount_frac
from staged_reserve_events as e
cross join lateral (
    select k.serial
    from auditor.credits as k
    where k.exchange_id = $1 and k.account_section = e.account_section and k.wire_reference = e.wire_reference
    offset 0
) as c
where e.kind = 1 and c.serial <> e.serial
order by e.serial
