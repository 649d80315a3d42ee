-- Keeps the evidence that is not what earlier runs kept.
insert into auditor.copied_chunks (exchange_id, table_name, number, run, rows, present, root)
select $1, s.table_name, s.number, $2, s.rows, s.present, s.root
from staged_chunks as s
left join (
    select distinct on (table_name, number) table_name, number, root
    from auditor.copied_chunks
    where exchange_id = $1
    order by table_name, number, run desc
) as k on k.table_name = s.table_name and k.number = s.number
where k.root is distinct from s.root
order by s.table_name, s.number
