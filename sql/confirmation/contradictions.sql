-- Confirmations from the serial $2 on that say something else of a deposit than
-- another one does: of the same coin for the same contract of the same merchant.
select c.serial, o.serial
from auditor.deposit_confirmations as c
join auditor.deposit_confirmations as o
    on o.exchange_id = c.exchange_id and o.coin_pub = c.coin_pub
    and o.merchant_pub = c.merchant_pub and o.h_contract_terms = c.h_contract_terms
    and o.serial < c.serial and o.statement <> c.statement
where c.exchange_id = $1 and c.serial >= $2
order by c.serial, o.serial
