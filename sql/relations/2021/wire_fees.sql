-- wire fees: what transfers and closings cost, by payment method and period
select
    f.wire_fee_serial as serial,
    f.wire_method,
    f.start_date,
    f.end_date,
    f.wire_fee_val,
    f.wire_fee_frac,
    f.closing_fee_val,
    f.closing_fee_frac,
    f.master_sig
from :"schema".wire_fee as f
