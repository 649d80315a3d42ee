-- Keeps what this run found out about the deposits that were confirmed.
update auditor.confirmation_states as k
set until = coalesce(s.until, k.until),
    deposits = s.deposits,
    deposit_serial = coalesce(s.deposit_serial, k.deposit_serial),
    known_coin_id = coalesce(s.known_coin_id, k.known_coin_id),
    h_wire = coalesce(s.h_wire, k.h_wire),
    exchange_timestamp = coalesce(s.exchange_timestamp, k.exchange_timestamp),
    refund_deadline = coalesce(s.refund_deadline, k.refund_deadline),
    amount_with_fee = coalesce(s.amount_with_fee_val + s.amount_with_fee_frac * 0.00000001, k.amount_with_fee),
    amount = s.amount_val + s.amount_frac * 0.00000001,
    defect = s.defect,
    missing = s.missing,
    wrong = s.wrong
from staged_confirmation_states as s
where k.exchange_id = $1 and k.serial = s.serial
