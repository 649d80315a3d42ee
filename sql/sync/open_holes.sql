-- The holes of the table $1 that are looked for, above the serial $2.
select from_serial, to_serial
from auditor_sync.holes
where table_name = $1 and given_up is null and from_serial > $2
order by from_serial
limit $3
