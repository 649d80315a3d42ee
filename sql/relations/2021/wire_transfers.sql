-- wire transfers: what was wired to merchants
select
    w.wireout_uuid as serial,
    w.execution_date,
    w.wtid_raw,
    w.wire_target,
    w.amount_val,
    w.amount_frac,
    w.exchange_account_section
from :"schema".wire_out as w
