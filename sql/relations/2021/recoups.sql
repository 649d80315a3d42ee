-- recoups: coins of revoked denominations paid back into the reserve they were withdrawn from
select
    p.recoup_uuid as serial,
    r.reserve_pub,
    c.coin_pub,
    c.denominations_serial,
    w.denominations_serial as withdrawn_denominations_serial,
    w.h_blind_ev,
    p.coin_sig,
    p.coin_blind,
    p.amount_val,
    p.amount_frac,
    p.timestamp
from :"schema".recoup as p
left join :"schema".known_coins as c on c.known_coin_id = p.known_coin_id
left join :"schema".reserves_out as w on w.reserve_out_serial_id = p.reserve_out_serial_id
left join :"schema".reserves as r on r.reserve_uuid = w.reserve_uuid
