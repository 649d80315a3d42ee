-- Takes what earlier runs know of the groups that this run has staged something of,
-- so that each of these groups is matched as a whole.
with touched as (
    select distinct s.direction, s.grp from staged_wire_items as s
), known as (
    delete from auditor.wire_items as i
    using touched as t
    where i.exchange_id = $1 and i.direction = t.direction and i.grp = t.grp
    returning i.*
)
insert into staged_wire_items (direction, side, section, id, grp, key, party, account, amount_val, amount_frac, at, day_only, run)
select k.direction, k.side, k.section, k.id, k.grp, k.key, k.party, k.account,
    trunc(k.amount)::bigint, ((k.amount - trunc(k.amount)) * 100000000)::integer, k.at, k.day_only, k.run
from known as k
