-- reserve states: what is in each reserve, when it expires, and from when on the
-- exchange may forget it once it is empty. All of it follows from what came in and
-- what went out, because the columns in which the exchange keeps it change after
-- a row was copied:
--   a credit or recoup makes the reserve last for :idle microseconds from then;
--   a withdrawal or recoup keeps it from being forgotten for :legal microseconds.
-- Dates are null for a reserve that nothing ever came into.
select
    t.reserve_uuid,
    t.balance,
    t.expiration_date,
    greatest(
        t.expiration_date,
        case when t.last_use > 9223372036854775807 - :legal then 9223372036854775807 else t.last_use + :legal end
    ) as gc_date
from (
    select
        e.reserve_uuid,
        sum(e.amount) as balance,
        max(case when e.income not between 0 and 9223372036854775807 - :idle then 9223372036854775807 else e.income + :idle end) as expiration_date,
        max(case when e.use < 0 then 9223372036854775807 else e.use end) as last_use
    from (
        select c.reserve_uuid, c.credit_val + c.credit_frac * 0.00000001 as amount, c.execution_date as income, null::bigint as use
        from :"schema".reserves_in as c
        union all
        select w.reserve_uuid, -(w.amount_with_fee_val + w.amount_with_fee_frac * 0.00000001), null, w.execution_date
        from :"schema".reserves_out as w
        union all
        select w.reserve_uuid, p.amount_val + p.amount_frac * 0.00000001, p.timestamp, p.timestamp
        from :"schema".recoup as p
        join :"schema".reserves_out as w on w.reserve_out_serial_id = p.reserve_out_serial_id
        union all
        select c.reserve_uuid, -(c.amount_val + c.amount_frac * 0.00000001), null, null
        from :"schema".reserves_close as c
        union all
        select k.reserve_uuid, k.balance, k.last_recoup, greatest(k.last_recoup, k.last_withdrawal)
        from auditor_sync.carried_reserves as k
    ) as e
    group by e.reserve_uuid
) as t
