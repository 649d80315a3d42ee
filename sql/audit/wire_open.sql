-- Everything that is open: what was booked, with the transfer that it was matched with
-- if there is one, and transfers for which nothing was booked.
select b.direction, b.side, b.section, b.id, b.key, b.account, b.amount::text, b.at, b.run, b.grp,
    m.section, m.id, m.key, m.account, m.amount::text, m.at, m.day_only,
    b.party <> m.party as diverted,
    -- the same transfer was booked more than once, and this is not the booking that counts
    m.id is null and b.direction = 1 and exists (
        select from auditor.wire_items as o
        where o.exchange_id = $1 and o.direction = 1 and o.grp = b.grp and o.side = 1 and (o.pair is not null or o.id < b.id)) as repeated
from auditor.wire_items as b
left join auditor.wire_items as m
    on m.exchange_id = $1 and m.direction = b.direction and m.grp = b.grp and m.pair = b.pair and m.side = 3
where b.exchange_id = $1 and b.open and b.side < 3
union all
select m.direction, m.side, null, null, null, null, null, null, null, m.grp,
    m.section, m.id, m.key, m.account, m.amount::text, m.at, m.day_only,
    null,
    -- there are bookings under the same subject
    exists (select from auditor.wire_items as o where o.exchange_id = $1 and o.direction = m.direction and o.grp = m.grp and o.side < 3)
from auditor.wire_items as m
where m.exchange_id = $1 and m.open and m.side >= 3 and m.pair is null
