-- known coins: coins that were shown to the exchange, with their denominations' signatures
select
    c.known_coin_id as serial,
    c.coin_pub,
    c.denominations_serial,
    c.denom_sig
from :"schema".known_coins as c
