-- The open alerts about single rows of the tables $1, after the identity $2.
select identity, table_name, serial
from auditor_sync.alerts
where resolved is null
  and table_name = any ($1)
  and serial is not null
  and kind in ('altered-row', 'deleted-row', 'back-dated-row', 'flapping-row')
  and identity > $2
order by identity
limit $3
