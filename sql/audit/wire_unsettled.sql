-- What the exchange has ordered and its banks have not done, for merchants and for
-- closed reserves; and what the banks did within the time ($2) that the exchange has to
-- book it, to the exchange and from it.
select
    coalesce(sum(i.amount) filter (where i.direction = 2 and i.side = 1), 0)::text,
    coalesce(sum(i.amount) filter (where i.direction = 2 and i.side = 2), 0)::text,
    coalesce(sum(i.amount) filter (where i.direction = 1 and i.side = 3 and i.at > $2), 0)::text,
    coalesce(sum(i.amount) filter (where i.direction = 2 and i.side = 3 and i.at > $2), 0)::text
from auditor.wire_items as i
where i.exchange_id = $1 and i.open and i.pair is null
