-- payable deposits: what merchants are to be paid, to which account and until when
-- (tiny and done are mutable)
select
    d.deposit_serial_id as serial,
    c.coin_pub,
    c.denominations_serial,
    d.amount_with_fee_val,
    d.amount_with_fee_frac,
    d.exchange_timestamp,
    d.refund_deadline,
    d.wire_deadline,
    d.merchant_pub,
    d.h_wire,
    d.wire,
    d.done
from :"schema".deposits as d
left join :"schema".known_coins as c on c.known_coin_id = d.known_coin_id
