-- The confirmations that bind the exchange at $2: it must have the deposit. Those
-- about which something was wrong stay until that is put right.
select c.serial, c.h_contract_terms, c.h_wire, c.exchange_timestamp, c.refund_deadline, c.amount::text, c.coin_pub, c.merchant_pub,
    s.until, s.wrong, s.deposit_serial, s.known_coin_id, s.h_wire, s.exchange_timestamp, s.refund_deadline, s.amount_with_fee::text
from auditor.confirmation_states as s
join auditor.deposit_confirmations as c on c.exchange_id = s.exchange_id and c.serial = s.serial
where s.exchange_id = $1 and s.proven and (s.until > $2 or s.wrong)
order by c.serial
