-- Keeps both versions, $3 and $4, of the row that the alert $1 is about, unless they
-- were kept before.
insert into auditor_sync.evidence (alert, seen, ours, theirs)
select $1, $2, $3::bytea, $4::bytea
where not exists (
    select from auditor_sync.evidence as e
    where e.alert = $1 and e.ours is not distinct from $3::bytea and e.theirs is not distinct from $4::bytea
)
