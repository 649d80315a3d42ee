-- recouped coins: what recoups into reserves took out of coins
select
    p.recoup_uuid as serial,
    c.known_coin_id,
    c.denominations_serial,
    p.amount_val,
    p.amount_frac
from :"schema".recoup as p
left join :"schema".known_coins as c on c.known_coin_id = p.known_coin_id
