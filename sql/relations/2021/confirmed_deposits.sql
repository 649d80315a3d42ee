-- confirmed deposits: deposits with what the exchange signs to the merchant about
-- them. The coin is looked up row by row, along its index, for the few rows that
-- the query around this one is about.
select
    d.deposit_serial_id as serial,
    d.known_coin_id,
    k.coin_pub,
    k.denominations_serial,
    d.merchant_pub,
    d.h_contract_terms,
    d.h_wire,
    d.exchange_timestamp,
    d.refund_deadline,
    d.amount_with_fee_val,
    d.amount_with_fee_frac
from :"schema".deposits as d
left join lateral (
    select c.coin_pub, c.denominations_serial
    from :"schema".known_coins as c
    where c.known_coin_id = d.known_coin_id
    offset 0
) as k on true
