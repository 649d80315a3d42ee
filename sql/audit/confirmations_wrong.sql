-- The proven confirmations about which something is wrong. Several of the same coin
-- for the same contract are about one deposit, which can be missing once: the one of
-- the most counts.
select c.serial, c.h_contract_terms, c.h_wire, c.exchange_timestamp, c.refund_deadline, c.amount::text, c.coin_pub, c.merchant_pub,
    s.missing, s.deposits, s.deposit_serial, s.h_wire, s.exchange_timestamp, s.refund_deadline, s.amount::text, s.defect,
    row_number() over (partition by c.coin_pub, c.merchant_pub, c.h_contract_terms, s.missing order by c.amount desc, c.serial) = 1
from auditor.confirmation_states as s
join auditor.deposit_confirmations as c on c.exchange_id = s.exchange_id and c.serial = s.serial
where s.exchange_id = $1 and s.proven and s.wrong
order by c.serial
