-- The fees for transfers and closings that hold in the period.
select wire_method, start_date, end_date, wire_fee, closing_fee
from office_treasurer.wire_fees, period
where end_date >= period.since and start_date < period.until
order by wire_method, start_date
