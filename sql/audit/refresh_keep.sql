-- Keeps the fresh coins of this run whose melt could not be proven yet.
insert into auditor.fresh_coins (exchange_id, melt, serial, place, denomination, envelope, link_sig)
select distinct on (f.melt, f.serial) $1::integer, f.melt, f.serial, f.place, f.denomination, f.envelope, f.link_sig
from staged_fresh_coins as f
join touched_melts as m on m.serial = f.melt and m.proven is null
where not exists (select from staged_proofs as p where p.melt = f.melt and p.proven is not null)
order by f.melt, f.serial
on conflict (exchange_id, melt, serial) do nothing
