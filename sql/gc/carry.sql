-- Remembers what the withdrawals and recoups that are about to be removed did to
-- reserves that stay.
insert into auditor_sync.carried_reserves as k (reserve_uuid, balance, last_withdrawal, last_recoup)
select e.reserve_uuid, sum(e.amount), max(e.withdrawn), max(e.recouped)
from (
    select
        w.reserve_uuid,
        -(w.amount_with_fee_val + w.amount_with_fee_frac * 0.00000001) as amount,
        w.execution_date as withdrawn,
        null::bigint as recouped
    from :"schema".reserves_out as w
    join pg_temp.gone_reserves_out as g on g.serial = w.reserve_out_serial_id
    union all
    select w.reserve_uuid, p.amount_val + p.amount_frac * 0.00000001, null, p.timestamp
    from :"schema".recoup as p
    join pg_temp.gone_recoup as g on g.serial = p.recoup_uuid
    join :"schema".reserves_out as w on w.reserve_out_serial_id = p.reserve_out_serial_id
) as e
where e.reserve_uuid not in (select serial from pg_temp.gone_reserves)
group by e.reserve_uuid
on conflict (reserve_uuid) do update set
    balance = k.balance + excluded.balance,
    last_withdrawal = greatest(k.last_withdrawal, excluded.last_withdrawal),
    last_recoup = greatest(k.last_recoup, excluded.last_recoup)
