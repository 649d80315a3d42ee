-- deposits: payments to merchants, signed by the coins
select
    d.deposit_serial_id as serial,
    d.known_coin_id,
    c.coin_pub,
    c.denominations_serial,
    d.amount_with_fee_val,
    d.amount_with_fee_frac,
    d.wallet_timestamp,
    d.exchange_timestamp,
    d.refund_deadline,
    d.wire_deadline,
    d.merchant_pub,
    d.h_contract_terms,
    d.coin_sig,
    d.wire
from :"schema".deposits as d
left join :"schema".known_coins as c on c.known_coin_id = d.known_coin_id
