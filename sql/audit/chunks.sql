-- The evidence of auditor-sync without the hashes of single rows, table by table.
select table_name, number, rows, present, root
from auditor_sync.chunks
order by table_name, number
