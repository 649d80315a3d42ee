-- The open alerts of auditor-sync in a trusted copy, the oldest first, at most $1.
select identity, kind, table_name, serial, columns, ours, theirs, summary, first_seen, last_seen, count
from auditor_sync.alerts
where resolved is null
order by first_seen, identity
limit $1
