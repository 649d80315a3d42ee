-- Closes the pass $1 at the time $2 as complete, with $3 rows copied.
update auditor_sync.passes
set finished = $2, rows = $3
where pass = $1
