-- booked refunds: by how much a refund lessens what is owed for a deposit
select
    r.refund_serial_id as serial,
    d.deposit_serial_id,
    r.amount_with_fee_val,
    r.amount_with_fee_frac
from :"schema".refunds as r
left join :"schema".deposits as d on d.deposit_serial_id = r.deposit_serial_id
