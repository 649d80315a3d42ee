-- What is on record about each of the tables $1: the highest serial that was ever
-- copied, how many chunks of evidence there are, how many holes are looked for, of
-- how many serials, how many serials were given up, and the state of the table.
select
    (
        select c.highest
        from auditor_sync.chunks as c
        where c.table_name = t.name
        order by c.number desc
        limit 1
    ),
    coalesce((select max(c.ordinal) + 1 from auditor_sync.chunks as c where c.table_name = t.name), 0),
    h.holes,
    h.serials,
    coalesce(s.given_up_holes, 0),
    coalesce(s.state, ''),
    coalesce(s.reason, ''),
    coalesce(s.verified, 0)
from unnest($1::text[]) with ordinality as t (name, position)
left join auditor_sync.table_states as s on s.table_name = t.name
cross join lateral (
    select count(*) as holes, least(coalesce(sum(x.to_serial::numeric - x.from_serial + 1), 0), 9223372036854775807)::bigint as serials
    from auditor_sync.holes as x
    where x.table_name = t.name and x.given_up is null
) as h
order by t.position
