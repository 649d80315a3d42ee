-- What the audits of the exchange $1 kept of the $4 chunks of the table $2 that come
-- next above the number $3.
select k.number, k.run, k.present, k.root
from auditor.copied_chunks as k
where k.exchange_id = $1 and k.table_name = $2 and k.number > $3
    and k.number <= (
        select max(n.number)
        from (
            select distinct d.number
            from auditor.copied_chunks as d
            where d.exchange_id = $1 and d.table_name = $2 and d.number > $3
            order by d.number
            limit $4
        ) as n
    )
order by k.number, k.run
