-- Adds an event for each coin that had its first refund in this run: it gets one
-- deposit fee back.
insert into staged_coin_events (kind, coin, denomination, amount_val, amount_frac, fee_val, fee_frac)
select 9, e.coin, e.denomination, trunc(d.fee_deposit)::bigint, ((d.fee_deposit - trunc(d.fee_deposit)) * 100000000)::integer, 0, 0
from (
    select s.coin, min(s.denomination) as denomination
    from staged_coin_events as s
    where s.kind = 5
    group by s.coin
) as e
join auditor.denominations as d on d.exchange_id = $1 and d.denomination = e.denomination
where not exists (select from auditor.coins as c where c.exchange_id = $1 and c.coin = e.coin and c.refunded)
