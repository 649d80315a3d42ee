-- refunds: parts of deposits that merchants gave back to the coins
select
    r.refund_serial_id as serial,
    r.deposit_serial_id,
    d.known_coin_id,
    c.coin_pub,
    c.denominations_serial,
    d.merchant_pub,
    d.h_contract_terms,
    r.rtransaction_id,
    r.amount_with_fee_val,
    r.amount_with_fee_frac,
    r.merchant_sig
from :"schema".refunds as r
left join :"schema".deposits as d on d.deposit_serial_id = r.deposit_serial_id
left join :"schema".known_coins as c on c.known_coin_id = d.known_coin_id
