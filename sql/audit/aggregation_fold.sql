-- Folds the events of a run into the debts to merchants, and gathers what that
-- changes in the transfers that pay them: a debt leaves the transfer that it was
-- part of and enters the one that it is part of now. Units and fractions are summed
-- apart, which is exact and much quicker than to add numerics.
with events as materialized (
    select
        e.deposit,
        max(e.payee) as payee,
        sum(e.amount_val) filter (where e.kind = 1) + sum(e.amount_frac) filter (where e.kind = 1) * 0.00000001 as amount,
        sum(e.fee_val) + sum(e.fee_frac) * 0.00000001 as fee,
        coalesce(sum(e.amount_val) filter (where e.kind = 2) + sum(e.amount_frac) filter (where e.kind = 2) * 0.00000001, 0) as refunded,
        count(*) filter (where e.kind = 2) as refunds,
        max(e.due) as due,
        max(e.wire_deadline) as wire_deadline,
        min(e.transfer) as transfer,
        count(*) filter (where e.kind = 3) as trackings,
        min(e.tracking) filter (where e.diverted) as diverted
    from staged_obligation_events as e
    group by e.deposit
), before as (
    select o.transfer, o.owed
    from events as e
    join auditor.obligations as o on o.exchange_id = $1 and o.deposit = e.deposit
    where o.transfer is not null
), after as (
    insert into auditor.obligations as o (
        exchange_id, deposit, payee, amount, fee, refunded, refunds, due, wire_deadline, transfer, trackings, diverted)
    select $1, e.deposit, e.payee, e.amount, e.fee, e.refunded, e.refunds, e.due, e.wire_deadline, e.transfer, e.trackings, e.diverted
    from events as e
    order by e.deposit
    on conflict (exchange_id, deposit) do update set
        payee = coalesce(excluded.payee, o.payee),
        amount = coalesce(excluded.amount, o.amount),
        fee = coalesce(excluded.fee, o.fee),
        refunded = o.refunded + excluded.refunded,
        refunds = o.refunds + excluded.refunds,
        due = coalesce(excluded.due, o.due),
        wire_deadline = coalesce(excluded.wire_deadline, o.wire_deadline),
        transfer = least(o.transfer, excluded.transfer),
        trackings = o.trackings + excluded.trackings,
        diverted = least(o.diverted, excluded.diverted)
    returning o.transfer, o.owed, o.due
)
insert into staged_transfer_changes (transfer, total, deposits, due)
select c.transfer, sum(c.owed), sum(c.deposits), min(c.due)
from (
    select b.transfer, - b.owed as owed, -1 as deposits, null::bigint as due from before as b
    union all
    select a.transfer, a.owed, 1, a.due from after as a where a.transfer is not null
) as c
group by c.transfer
