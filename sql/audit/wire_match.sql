-- Pairs what has no other half yet and is alike: the first booking of a kind with the
-- first transfer of that kind, and so on. What must be alike depends on the pass:
--   0  key, account, amount and day
--   1  key, account and amount
--   2  key and account
--   3  key and amount
--   4  key
--   5  nothing but the group
with free as materialized (
    select s.n, s.direction, s.grp, s.side = 3 as made, l.key, l.party, l.amount, l.day,
        row_number() over (
            partition by s.side = 3, s.direction, s.grp, l.key, l.party, l.amount, l.day
            order by s.at, s.id, s.side, s.section) as number
    from staged_wire_items as s
    cross join lateral (
        select
            case when $1 < 5 then coalesce(s.key, '') else '' end as key,
            case when $1 < 3 then coalesce(s.party, '') else '' end as party,
            case when $1 in (0, 1, 3) then s.amount else 0 end as amount,
            case when $1 = 0 then s.at / 86400000000 else 0 end as day
    ) as l
    where s.pair is null and s.side <> 4
), pairs as (
    select b.n as booking, m.n as transfer
    from free as b
    join free as m using (direction, grp, key, party, amount, day, number)
    where not b.made and m.made
)
update staged_wire_items as s
set pair = p.transfer, likeness = $1
from (select booking as n, transfer from pairs union all select transfer, transfer from pairs) as p
where s.n = p.n
