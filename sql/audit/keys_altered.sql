-- Rows about keys and fees that are no longer what they were when first seen.
select s.table_name, s.serial, k.digest, s.digest, k.first_as_of
from staged_key_rows as s
join auditor.key_rows as k on k.exchange_id = $1 and k.table_name = s.table_name and k.serial = s.serial
where k.digest <> s.digest
order by s.table_name, s.serial
