-- fresh recoups: coins of revoked denominations given back to the coin that was melted for them
select
    p.recoup_refresh_uuid as serial,
    c.known_coin_id,
    c.coin_pub,
    c.denominations_serial,
    f.denominations_serial as revealed_denominations_serial,
    f.h_coin_ev,
    o.known_coin_id as old_known_coin_id,
    o.coin_pub as old_coin_pub,
    o.denominations_serial as old_denominations_serial,
    p.coin_sig,
    p.coin_blind,
    p.amount_val,
    p.amount_frac,
    p.timestamp
from :"schema".recoup_refresh as p
left join :"schema".known_coins as c on c.known_coin_id = p.known_coin_id
left join :"schema".refresh_revealed_coins as f on f.rrc_serial = p.rrc_serial
left join :"schema".refresh_commitments as m on m.melt_serial_id = f.melt_serial_id
left join :"schema".known_coins as o on o.known_coin_id = m.old_known_coin_id
