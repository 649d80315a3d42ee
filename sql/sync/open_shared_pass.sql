-- Opens a pass of $1 processes over the source's snapshot $2: the tables $3 are those
-- of the shards $4. Returns its number.
with pass as (
    insert into auditor_sync.shared_pass as p (number, shards, snapshot, closed, rows, rows_before)
    values (1, $1, $2, false, 0, 0)
    on conflict (the_only) do update set
        number = p.number + 1,
        shards = excluded.shards,
        snapshot = excluded.snapshot,
        closed = false,
        rows = 0,
        rows_before = p.rows
    returning number
), shares as (
    insert into auditor_sync.shared_tables (table_name, number, shard, done, rows)
    select t.name, pass.number, t.shard, false, 0
    from pass, unnest($3::text[], $4::integer[]) as t (name, shard)
    on conflict (table_name) do update set
        number = excluded.number,
        shard = excluded.shard,
        done = false,
        rows = 0,
        halted = null
)
select number from pass
