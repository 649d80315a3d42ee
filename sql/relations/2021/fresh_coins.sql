-- fresh coins: what melts were answered with, one envelope each
select
    f.rrc_serial as serial,
    f.melt_serial_id,
    f.freshcoin_index,
    f.denominations_serial,
    f.coin_ev,
    f.h_coin_ev,
    f.ev_sig,
    f.link_sig
from :"schema".refresh_revealed_coins as f
