-- The rows about keys and fees that an audit of the exchange with the master key
-- $1 has seen.
select k.table_name, array_agg(k.serial)
from auditor.key_rows as k
join auditor.exchanges as e on e.exchange_id = k.exchange_id
where e.master_pub = $1
group by k.table_name
