-- The latest end, up to $2, of a denomination that was ever seen. Deposits before it may
-- have been collected as garbage with their denomination.
select coalesce(max(k.until), 0)
from auditor.key_rows as k
where k.exchange_id = $1 and k.table_name = 'denominations' and k.until <= $2
