-- Melts of this run and those that something was added to, with all that is known
-- of them by now. Of two rows that claim to be the same melt the first one counts, of
-- several transfer keys the first ones.
insert into touched_melts
with revealed as (
    select
        f.melt,
        count(*)::integer as fresh,
        (count(*) filter (where not f.usable))::integer as unusable,
        sum(f.cost_val + f.cost_frac * 0.00000001) as cost
    from staged_fresh_coins as f
    group by f.melt
), keyed as (
    select distinct on (k.melt)
        k.melt, k.serial, k.transfer_pub, k.transfer_privs,
        (count(*) over (partition by k.melt))::integer as sets
    from staged_transfer_keys as k
    order by k.melt, k.serial
), known as (
    (select distinct on (s.serial)
        s.serial, s.coin_pub, s.booked,
        s.amount_val + s.amount_frac * 0.00000001 as amount,
        s.paid_val + s.paid_frac * 0.00000001 as paid,
        s.choice, s.commitment, null::bigint as keys, 0 as surplus_keys, null::bytea as transfer_pub, null::bytea as transfer_privs,
        0 as fresh, 0 as unusable, 0::numeric as cost, null::integer as proven, false as gap
    from staged_melts as s
    order by s.serial)
    union all
    select
        m.serial, m.coin_pub, m.booked, m.amount, m.paid, m.choice, m.commitment, m.keys, m.surplus_keys, m.transfer_pub, m.transfer_privs,
        m.fresh, m.unusable, m.cost, m.proven, m.gap
    from auditor.melts as m
    where m.exchange_id = $1
        and m.serial in (select r.melt from revealed as r union select k.melt from keyed as k except select s.serial from staged_melts as s)
)
select
    n.serial, n.coin_pub, n.booked, n.amount, n.paid, n.choice, n.commitment,
    coalesce(n.keys, k.serial),
    n.surplus_keys + coalesce(k.sets, 0) - case when n.keys is null and k.sets > 0 then 1 else 0 end,
    case when n.keys is null then k.transfer_pub else n.transfer_pub end,
    case when n.keys is null then k.transfer_privs else n.transfer_privs end,
    n.fresh + coalesce(r.fresh, 0), n.unusable + coalesce(r.unusable, 0), n.cost + coalesce(r.cost, 0), n.proven, n.gap
from known as n
left join revealed as r on r.melt = n.serial
left join keyed as k on k.melt = n.serial
