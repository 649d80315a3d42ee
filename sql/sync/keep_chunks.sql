-- Writes chunks of evidence of the table $1, or what became of them.
insert into auditor_sync.chunks as c (table_name, number, ordinal, highest, rows, present, leaves, root)
select $1, *
from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::bytea[], $7::bytea[], $8::bytea[])
on conflict (table_name, number) do update set
    highest = excluded.highest,
    rows = excluded.rows,
    present = excluded.present,
    leaves = excluded.leaves,
    root = excluded.root
