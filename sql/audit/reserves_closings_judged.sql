-- Keeps which closings are wrong, and which fees were due for them.
update auditor.closings as c
set wrong = n.wrong, due_val = n.due_val, due_frac = n.due_frac
from unnest($2::bigint[], $3::boolean[], $4::bigint[], $5::integer[]) as n (serial, wrong, due_val, due_frac)
where c.exchange_id = $1 and c.serial = n.serial
    and (c.wrong, c.due_val, c.due_frac) is distinct from (n.wrong, n.due_val, n.due_frac)
