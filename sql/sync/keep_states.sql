-- Notes where the copies of tables stand, at the time $9.
insert into auditor_sync.table_states (table_name, state, reason, highest, open_holes, given_up_holes, chunks, verified, changed)
select *, $9
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
on conflict (table_name) do update set
    state = excluded.state,
    reason = excluded.reason,
    highest = excluded.highest,
    open_holes = excluded.open_holes,
    given_up_holes = excluded.given_up_holes,
    chunks = excluded.chunks,
    verified = excluded.verified,
    changed = excluded.changed
