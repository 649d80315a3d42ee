-- Gives up the holes of the table $1 that were first seen before $2. They were
-- looked for just now, at the time $3. Returns how many serials that is.
with given_up as (
    update auditor_sync.holes
    set given_up = $3
    where table_name = $1 and given_up is null and first_seen < $2
    returning from_serial, to_serial
), total as (
    select least(coalesce(sum(to_serial::numeric - from_serial + 1), 0), 9223372036854775807)::bigint as serials
    from given_up
), noted as (
    update auditor_sync.table_states as s
    set given_up_holes = least(s.given_up_holes::numeric + t.serials, 9223372036854775807)::bigint
    from total as t
    where s.table_name = $1 and t.serials > 0
)
select serials from total
