-- The root and the number of rows of each chunk, table by table.
select table_name, number, rows, root
from auditor_sync.chunks
order by table_name, number
