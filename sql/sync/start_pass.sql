-- Opens a pass at the time $1 and returns its number. While nothing is copied, one
-- row stands for all idle passes: otherwise it would be one row per second.
with idle as (
    update auditor_sync.passes as p
    set started = $1, finished = null
    where p.pass = (select max(q.pass) from auditor_sync.passes as q)
      and p.finished is not null
      and p.rows = 0
    returning p.pass
), fresh as (
    insert into auditor_sync.passes (started)
    select $1
    where not exists (select from idle)
    returning pass
)
select pass from idle
union all
select pass from fresh
