-- What the audits of the exchange $1 kept of each table, from audit to audit.
select table_name, run, number, rows, root
from auditor.copied_chunks
where exchange_id = $1
order by table_name, run, number
