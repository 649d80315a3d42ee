-- denominations: what the exchange offers to issue, signed by its master key
select
    d.denominations_serial as serial,
    d.denom_pub_hash,
    d.denom_pub,
    d.master_sig,
    d.valid_from,
    d.expire_withdraw,
    d.expire_deposit,
    d.expire_legal,
    d.coin_val,
    d.coin_frac,
    d.fee_withdraw_val,
    d.fee_withdraw_frac,
    d.fee_deposit_val,
    d.fee_deposit_frac,
    d.fee_refresh_val,
    d.fee_refresh_frac,
    d.fee_refund_val,
    d.fee_refund_frac
from :"schema".denominations as d
