-- prepared payments: what the exchange is about to order at its bank, or tried to in vain, with
-- the transfer or the closing in its books that each is for (mutable; what was carried out is
-- removed at some time). A reserve can be closed again, under the same subject: the newest orders
-- are for the newest bookings. Of more orders than bookings the newest are for none.
with subjects as materialized (
    select distinct substring(p.buf from 89 for 32) as wtid
    from :"schema".prewire as p
    where not p.finished and not p.failed
), orders as (
    select o.*, row_number() over (partition by o.wtid order by o.prewire_uuid) as place, count(*) over (partition by o.wtid) as orders
    from (
        select p.prewire_uuid, substring(p.buf from 89 for 32) as wtid
        from :"schema".prewire as p
        where not p.failed
    ) as o
    where o.wtid = any (array(select s.wtid from subjects as s))
), bookings as (
    select b.*, row_number() over (partition by b.wtid order by b.relation, b.serial) as place, count(*) over (partition by b.wtid) as bookings
    from (
        select w.wtid_raw as wtid, 'wire_out' as relation, w.wireout_uuid as serial, w.wire_target as payee,
            w.amount_val, w.amount_frac, 0::bigint as fee_val, 0 as fee_frac
        from :"schema".wire_out as w
        where w.wtid_raw = any (array(select s.wtid from subjects as s))
        union all
        select c.wtid, 'reserves_close', c.close_uuid, c.receiver_account, c.amount_val, c.amount_frac, c.closing_fee_val, c.closing_fee_frac
        from :"schema".reserves_close as c
        where c.wtid = any (array(select s.wtid from subjects as s))
    ) as b
)
select
    p.prewire_uuid as serial,
    p.failed,
    p.buf,
    b.relation,
    b.serial as booking,
    b.payee,
    b.amount_val,
    b.amount_frac,
    b.fee_val,
    b.fee_frac
from :"schema".prewire as p
left join orders as o on o.prewire_uuid = p.prewire_uuid
left join bookings as b on b.wtid = o.wtid and b.place = o.place + greatest(b.bookings - o.orders, 0)
where not p.finished
