-- Remembers rows about keys and fees that are seen for the first time.
insert into auditor.key_rows (exchange_id, table_name, serial, digest, first_as_of)
select $1, s.table_name, s.serial, s.digest, $2
from staged_key_rows as s
on conflict (exchange_id, table_name, serial) do nothing
