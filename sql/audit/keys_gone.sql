-- K-16: rows about keys and fees that are gone although they may not be collected yet.
select k.table_name, k.serial, k.first_as_of, k.until
from auditor.key_rows as k
where k.exchange_id = $1 and k.until > $2
    and not exists (select from staged_key_rows as s where s.table_name = k.table_name and s.serial = k.serial)
order by k.table_name, k.serial
