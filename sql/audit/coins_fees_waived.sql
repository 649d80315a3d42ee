-- Adds an event for each deposit that had its first refund in this run: its
-- merchant is spared the deposit fee.
with fresh as (
    insert into auditor.refunded_deposits (exchange_id, deposit)
    select distinct $1::integer, s.deposit
    from staged_refunds as s
    order by s.deposit
    on conflict (exchange_id, deposit) do nothing
    returning deposit
)
insert into staged_coin_events (kind, denomination, amount_val, amount_frac, fee_val, fee_frac)
select 10, d.denomination, trunc(d.fee_deposit)::bigint, ((d.fee_deposit - trunc(d.fee_deposit)) * 100000000)::integer, 0, 0
from (
    select s.deposit, min(s.denomination) as denomination
    from staged_refunds as s
    join fresh as f on f.deposit = s.deposit
    group by s.deposit
) as r
join auditor.denominations as d on d.exchange_id = $1 and d.denomination = r.denomination
