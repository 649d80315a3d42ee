-- tracked deposits: which transfer pays a deposit, if that transfer exists
select
    t.aggregation_serial_id as serial,
    d.deposit_serial_id,
    d.refund_deadline,
    d.h_wire,
    d.wire,
    w.wireout_uuid,
    w.execution_date,
    w.wire_target
from :"schema".aggregation_tracking as t
left join :"schema".deposits as d on d.deposit_serial_id = t.deposit_serial_id
left join lateral (
    select o.wireout_uuid, o.execution_date, o.wire_target
    from :"schema".wire_out as o
    where o.wtid_raw = t.wtid_raw
    order by o.wireout_uuid
    limit 1
) as w on true
