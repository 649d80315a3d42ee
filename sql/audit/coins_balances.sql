-- What coins hold of denominations that have not expired at the given time, and of
-- those that have; by how much denominations were overdrawn; and the value that was
-- issued of those that have not expired. An overdrawn denomination does not lessen
-- what is owed to the owners of other coins.
select
    coalesce(sum(d.outstanding) filter (where d.outstanding > 0 and not d.expired), 0)::text,
    coalesce(sum(d.outstanding) filter (where d.outstanding > 0 and d.expired), 0)::text,
    coalesce(-sum(d.outstanding) filter (where d.outstanding < 0), 0)::text,
    coalesce(sum(d.issued_value) filter (where not d.expired), 0)::text
from (
    select s.outstanding, s.issued_value, s.expire_deposit < $2 as expired
    from auditor.denominations as s
    where s.exchange_id = $1
) as d
