-- Keeps the fresh coins that the melted coins did not sign.
insert into auditor.unlinked_coins (exchange_id, serial, melt, coin_pub, denom_pub_hash, envelope_hash, transfer_pub, link_sig)
select distinct on (s.serial, s.melt) $1::integer, s.serial, s.melt, s.coin_pub, s.denom_pub_hash, s.envelope_hash, s.transfer_pub, s.link_sig
from staged_unlinked_coins as s
order by s.serial, s.melt
on conflict (exchange_id, serial, melt) do nothing
