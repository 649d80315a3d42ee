-- deposits: done are those that a transfer was made for
select
    d.deposit_serial_id,
    d.amount_with_fee_val,
    d.amount_with_fee_frac,
    d.wallet_timestamp,
    d.exchange_timestamp,
    d.refund_deadline,
    d.wire_deadline,
    d.merchant_pub,
    d.h_contract_terms,
    d.h_wire,
    d.coin_sig,
    d.wire,
    false as tiny,
    exists (
        select from :"schema".aggregation_tracking as a where a.deposit_serial_id = d.deposit_serial_id
    ) as done,
    d.known_coin_id
from :"schema".deposits as d
