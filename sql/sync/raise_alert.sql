-- Raises an alert at the time $9, or notes that it was raised again.
insert into auditor_sync.alerts as a (identity, kind, table_name, serial, columns, ours, theirs, summary, first_seen, last_seen)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
on conflict (identity) do update set
    columns = excluded.columns,
    ours = excluded.ours,
    theirs = excluded.theirs,
    summary = excluded.summary,
    last_seen = excluded.last_seen,
    count = a.count + 1,
    resolved = null
