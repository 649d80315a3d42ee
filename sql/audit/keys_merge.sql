-- Remembers rows about keys and fees that are seen for the first time.
insert into auditor.key_rows (exchange_id, table_name, serial, digest, first_as_of, until)
select $1, s.table_name, s.serial, s.digest, $2, s.until
from staged_key_rows as s
where s.digest is not null
on conflict (exchange_id, table_name, serial) do nothing
