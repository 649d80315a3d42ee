-- Folds the first and the last row of each quarter of an hour into those of earlier runs.
insert into auditor.quarters as q (exchange_id, area, table_name, quarter, first_serial, first_at, last_serial, last_at)
select $1, $2, $3, n.quarter, n.first_serial, n.first_at, n.last_serial, n.last_at
from unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) as n (quarter, first_serial, first_at, last_serial, last_at)
on conflict (exchange_id, area, table_name, quarter) do update set
    first_serial = least(q.first_serial, excluded.first_serial),
    first_at = case when excluded.first_serial < q.first_serial then excluded.first_at else q.first_at end,
    last_serial = greatest(q.last_serial, excluded.last_serial),
    last_at = case when excluded.last_serial > q.last_serial then excluded.last_at else q.last_at end
