-- R-36, C-40, C-47: rows of some tables and of this run that book what another row booked before.
select s.relation, s.serial, s.amount_val, s.amount_frac, k.relation, k.serial
from staged_statements as s
join auditor.statements as k on k.exchange_id = $1 and k.digest = s.digest
where s.relation = any ($2) and (k.relation, k.serial) <> (s.relation, s.serial)
order by s.relation, s.serial
