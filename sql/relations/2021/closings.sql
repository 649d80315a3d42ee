-- closings: what was left in expired reserves, wired back to where it came from
select
    c.close_uuid as serial,
    r.reserve_pub,
    c.execution_date,
    c.wtid,
    c.receiver_account,
    c.amount_val,
    c.amount_frac,
    c.closing_fee_val,
    c.closing_fee_frac
from :"schema".reserves_close as c
left join :"schema".reserves as r on r.reserve_uuid = c.reserve_uuid
