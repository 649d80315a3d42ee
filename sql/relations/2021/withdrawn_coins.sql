-- withdrawn coins: what withdrawals issued
select
    w.reserve_out_serial_id as serial,
    w.denominations_serial
from :"schema".reserves_out as w
