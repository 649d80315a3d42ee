-- The holes of the table $1 that lie at least partly between the serials $2 and $3
-- and are looked for.
select from_serial, to_serial, first_seen
from auditor_sync.holes
where table_name = $1 and given_up is null and from_serial <= $3 and to_serial >= $2
order by from_serial
