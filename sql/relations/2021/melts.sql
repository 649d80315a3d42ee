-- melts: coins that were spent for fresh ones, with the commitment to these
select
    m.melt_serial_id as serial,
    c.known_coin_id as old_known_coin_id,
    c.coin_pub,
    c.denominations_serial,
    m.rc,
    m.old_coin_sig,
    m.amount_with_fee_val,
    m.amount_with_fee_frac,
    m.noreveal_index
from :"schema".refresh_commitments as m
left join :"schema".known_coins as c on c.known_coin_id = m.old_known_coin_id
