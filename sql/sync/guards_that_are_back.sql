-- The open alerts of the kind $1 about the tables $2 that are none of $3.
select coalesce(array_agg(identity), '{}')
from auditor_sync.alerts
where resolved is null
  and kind = $1
  and table_name = any ($2)
  and identity <> all ($3)
