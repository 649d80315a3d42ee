-- C-35: fresh coins that the melted coins did not sign. Where there is more than one set
-- of transfer keys (C-34), nobody can tell which of them was to be signed.
select u.serial, u.melt, u.coin_pub, u.denom_pub_hash, u.envelope_hash, u.transfer_pub, u.link_sig
from auditor.unlinked_coins as u
join auditor.melts as m on m.exchange_id = u.exchange_id and m.serial = u.melt
where u.exchange_id = $1 and m.surplus_keys = 0
order by u.serial
