-- Remembers the terms of denominations as they were seen first.
insert into auditor.denominations (exchange_id, denomination, denom_pub_hash, value, fee_deposit, valid_from, expire_deposit)
select $1, s.denomination, s.denom_pub_hash, s.value_val + s.value_frac * 0.00000001,
    s.fee_deposit_val + s.fee_deposit_frac * 0.00000001, s.valid_from, s.expire_deposit
from staged_denominations as s
order by s.denomination
on conflict (exchange_id, denomination) do nothing
