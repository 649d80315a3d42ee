-- Folds the events of a run into the debts to merchants, and gathers what that
-- changes in the transfers that pay them: a debt leaves the transfer that it was
-- part of and enters the one that it is part of now. Units and fractions are summed
-- apart, which is exact and much quicker than to add numerics; so is to insert what is
-- known to be new instead of leaving that to a conflict.
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
), changed as (
    update auditor.obligations as o set
        payee = coalesce(e.payee, o.payee),
        amount = coalesce(e.amount, o.amount),
        fee = coalesce(e.fee, o.fee),
        refunded = o.refunded + e.refunded,
        refunds = o.refunds + e.refunds,
        due = coalesce(e.due, o.due),
        wire_deadline = coalesce(e.wire_deadline, o.wire_deadline),
        transfer = least(o.transfer, e.transfer),
        trackings = o.trackings + e.trackings,
        diverted = least(o.diverted, e.diverted)
    from events as e
    where o.exchange_id = $1 and o.deposit = e.deposit
    returning o.transfer, o.owed, o.due
), added as (
    insert into auditor.obligations as o (
        exchange_id, deposit, payee, amount, fee, refunded, refunds, due, wire_deadline, transfer, trackings, diverted)
    select $1, e.deposit, e.payee, e.amount, e.fee, e.refunded, e.refunds, e.due, e.wire_deadline, e.transfer, e.trackings, e.diverted
    from events as e
    where not exists (select from auditor.obligations as o where o.exchange_id = $1 and o.deposit = e.deposit)
    order by e.deposit
    returning o.transfer, o.owed, o.due
)
insert into staged_transfer_changes (transfer, total, deposits, due)
select c.transfer, sum(c.owed), sum(c.deposits), min(c.due)
from (
    select b.transfer, - b.owed as owed, -1 as deposits, null::bigint as due from before as b
    union all
    select c.transfer, c.owed, 1, c.due from changed as c where c.transfer is not null
    union all
    select a.transfer, a.owed, 1, a.due from added as a where a.transfer is not null
) as c
group by c.transfer
