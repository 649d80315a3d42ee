-- unpaid deposits: those that the exchange itself believes it must still pay (mutable)
select
    d.deposit_serial_id as serial,
    d.wire_deadline,
    d.tiny
from :"schema".deposits as d
where not d.done and d.tiny in (false, true)
