-- How far each area of the audit of the exchange with the master key $1 has come
-- in each table: the first serial not yet judged, and the holes below it.
select p.table_name, p.next_serial, p.holes::text
from auditor.progress as p
join auditor.exchanges as e on e.exchange_id = p.exchange_id
where e.master_pub = $1
order by p.table_name, p.area
