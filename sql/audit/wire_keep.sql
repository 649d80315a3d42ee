-- Keeps what was matched, and notes what is open: what has no other half, or one that
-- differs by more than the clocks may ($2, of transfers from the exchange), or than the
-- days that statements may be late ($3).
with dates as (
    select s.pair,
        min(s.at) filter (where s.side < 3) as booked,
        min(s.at) filter (where s.side = 3) as made,
        bool_or(s.day_only) as day_only,
        count(*) filter (where s.party is null) > 0 as untold,
        min(s.section) filter (where s.side = 1) <> min(s.section) filter (where s.side = 3) as elsewhere
    from staged_wire_items as s
    where s.pair is not null
    group by s.pair
), judged as (
    select s.*, s.pair is null
        or s.likeness not in (0, 1) and not (s.likeness = 3 and d.untold)
        or d.elsewhere is true
        or case
            when d.day_only then d.booked not between d.made - 86400000000 * $3::bigint and d.made + 86400000000 * ($3::bigint + 1)
            when s.direction = 1 then d.booked <> d.made
            else abs(d.booked - d.made) > $2
        end as differs
    from staged_wire_items as s
    left join dates as d on d.pair = s.pair
)
insert into auditor.wire_items (exchange_id, direction, side, section, id, grp, key, party, account, amount, at, day_only, run, pair, open)
select $1, j.direction, j.side, j.section, j.id, j.grp, j.key, j.party, j.account, j.amount, j.at, j.day_only, j.run, j.pair, j.differs
from judged as j
order by j.direction, j.side, j.section, j.id
