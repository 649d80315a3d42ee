-- Folds the transfers of a run, and what its events change in those of earlier
-- runs, into their state. Returns what the exchange has earned by all transfers so
-- far: wire fees, and what rounding left.
with changes as materialized (
    select
        coalesce(s.serial, c.transfer) as serial,
        s.at, s.method, s.usable,
        s.amount_val + s.amount_frac * 0.00000001 as amount,
        s.fee_val + s.fee_frac * 0.00000001 as fee,
        coalesce(c.total, 0) as total,
        coalesce(c.deposits, 0) as deposits,
        c.due
    from staged_transfers as s
    full join staged_transfer_changes as c on c.transfer = s.serial
), before as (
    select t.total - t.expected as income
    from changes as c
    join auditor.transfers as t on t.exchange_id = $1 and t.serial = c.serial
), after as (
    insert into auditor.transfers as t (exchange_id, serial, at, amount, method, fee, unit, total, deposits, due)
    select $1, c.serial, c.at, case when c.usable then c.amount end, c.method, c.fee, $2::numeric, c.total, c.deposits, c.due
    from changes as c
    order by c.serial
    on conflict (exchange_id, serial) do update set
        at = coalesce(excluded.at, t.at),
        amount = coalesce(excluded.amount, t.amount),
        method = coalesce(excluded.method, t.method),
        fee = coalesce(excluded.fee, t.fee),
        total = t.total + excluded.total,
        deposits = t.deposits + excluded.deposits,
        due = least(t.due, excluded.due)
    returning t.total - t.expected as income
)
select (
    coalesce((select f.amount from auditor.figures as f
              where f.exchange_id = $1 and f.area = 'aggregation' and f.name = 'total_aggregation_fee_income'), 0)
    + coalesce((select sum(a.income) from after as a), 0)
    - coalesce((select sum(b.income) from before as b), 0))::text
