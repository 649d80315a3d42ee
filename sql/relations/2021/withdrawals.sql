-- withdrawals: requests signed by the reserve, with the exchange's blind signature
select
    w.reserve_out_serial_id as serial,
    r.reserve_pub,
    w.denominations_serial,
    w.h_blind_ev,
    w.denom_sig,
    w.reserve_sig,
    w.execution_date,
    w.amount_with_fee_val,
    w.amount_with_fee_frac
from :"schema".reserves_out as w
left join :"schema".reserves as r on r.reserve_uuid = w.reserve_uuid
