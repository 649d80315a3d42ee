-- What the confirmations with serials from $2 to $3 promise together, and how many they are.
select count(*), coalesce(sum(c.amount), 0)::text
from auditor.deposit_confirmations as c
where c.exchange_id = $1 and c.serial >= $2 and c.serial <= $3
