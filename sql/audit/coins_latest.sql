-- Remembers the latest date of the rows of one kind, but for dates in the future.
insert into auditor.latest_dates as l (exchange_id, table_name, latest)
select $1, $2, max(e.at)
from staged_coin_events as e
where e.kind = $3 and e.at <= $4
having max(e.at) is not null
on conflict (exchange_id, table_name) do update set latest = greatest(l.latest, excluded.latest)
