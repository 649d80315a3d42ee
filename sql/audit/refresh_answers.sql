-- The touched melts that were answered, each followed by its fresh coins in their
-- order. Of a melt that was proven earlier, only those that were added.
select
    m.serial as melt, null::integer as place, null::bigint as serial, null::bigint as denomination, null::bytea as envelope, null::bytea as link_sig,
    m.coin_pub, m.amount::text, m.choice, m.commitment, m.transfer_pub, m.transfer_privs, m.proven is not null
from touched_melts as m
where m.coin_pub is not null and m.keys is not null and m.fresh > 0
union all
select f.melt, f.place, f.serial, f.denomination, f.envelope, f.link_sig, null, null, null, null, null, null, null
from (
    select s.melt, s.place, s.serial, s.denomination, s.envelope, s.link_sig from staged_fresh_coins as s
    union all
    select p.melt, p.place, p.serial, p.denomination, p.envelope, p.link_sig from auditor.fresh_coins as p where p.exchange_id = $1
) as f
join touched_melts as m on m.serial = f.melt and m.coin_pub is not null and m.keys is not null
order by melt, place nulls first, serial
