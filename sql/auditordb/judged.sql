-- Of each table of exchange $1, how far the area that came farthest is: rows judged
-- below next_serial, none of them in holes.
select distinct on (table_name) table_name, next_serial, holes::text, rows_judged
from auditor.progress
where exchange_id = $1
order by table_name, rows_judged desc
