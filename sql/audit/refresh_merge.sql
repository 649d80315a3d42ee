-- Keeps what is known of the touched melts.
insert into auditor.melts (
    exchange_id, serial, coin_pub, booked, amount, paid, choice, commitment, keys, surplus_keys, transfer_pub, transfer_privs,
    fresh, unusable, cost, proven, gap, open)
select
    $1::integer, n.serial, n.coin_pub, n.booked, n.amount, n.paid, n.choice,
    case when n.proven is null then n.commitment end,
    n.keys, n.surplus_keys, n.transfer_pub,
    case when n.proven is null then n.transfer_privs end,
    n.fresh, n.unusable, n.cost, n.proven, n.gap,
    n.coin_pub is not null and (n.proven is distinct from n.fresh or n.cost is distinct from n.paid or n.surplus_keys > 0)
from (
    select
        m.serial, m.coin_pub, m.booked, m.amount, m.paid, m.choice, m.commitment, m.keys, m.surplus_keys, m.transfer_pub, m.transfer_privs,
        m.fresh, m.unusable, m.cost, coalesce(m.proven, p.proven) as proven, coalesce(p.gap, m.gap) as gap
    from touched_melts as m
    left join staged_proofs as p on p.melt = m.serial
) as n
order by n.serial
on conflict (exchange_id, serial) do update set
    commitment = excluded.commitment,
    keys = excluded.keys,
    surplus_keys = excluded.surplus_keys,
    transfer_pub = excluded.transfer_pub,
    transfer_privs = excluded.transfer_privs,
    fresh = excluded.fresh,
    unusable = excluded.unusable,
    cost = excluded.cost,
    proven = excluded.proven,
    gap = excluded.gap,
    open = excluded.open
