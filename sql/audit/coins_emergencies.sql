-- C-28, C-29: denominations of which more coins are known than were issued, or of
-- which more was spent than was issued.
select
    d.denomination, d.denom_pub_hash, d.value::text, d.valid_from, d.expire_deposit, d.issued, d.known, d.issued_value::text,
    (greatest(d.known - d.issued, 0) * d.value)::text,
    greatest(-d.outstanding, 0)::text
from auditor.denominations as d
where d.exchange_id = $1 and (d.known > d.issued or d.outstanding < 0)
order by d.denomination
