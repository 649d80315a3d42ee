-- prepared payments: what the exchange is about to order at its bank, or tried to in vain, with
-- the transfer or the closing in its books that each is for (mutable; finished ones are removed)
with prepared as materialized (
    select p.prewire_uuid, p.failed, p.buf, substring(p.buf from 89 for 32) as wtid
    from :"schema".prewire as p
    where not p.finished
)
select
    p.prewire_uuid as serial,
    p.failed,
    p.buf,
    w.wireout_uuid,
    w.wire_target,
    w.amount_val,
    w.amount_frac,
    c.close_uuid,
    c.receiver_account,
    c.amount_val,
    c.amount_frac,
    c.closing_fee_val,
    c.closing_fee_frac
from prepared as p
left join lateral (
    select o.*
    from :"schema".wire_out as o
    where o.wtid_raw = p.wtid
    order by o.wireout_uuid
    limit 1
) as w on true
left join (
    select distinct on (r.wtid) r.*
    from :"schema".reserves_close as r
    where r.wtid = any (array(select q.wtid from prepared as q))
    order by r.wtid, r.close_uuid
) as c on c.wtid = p.wtid
