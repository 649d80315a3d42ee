-- The next chunks of the table $1 above the number $2, at most $3.
select number, rows, root
from auditor_sync.chunks
where table_name = $1 and number > $2
order by number
limit $3
