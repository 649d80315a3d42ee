-- All coins, whatever the period.
select sum(issued)::bigint, sum(issued_amount), sum(spent_amount), sum(recouped_amount), sum(outstanding_amount)
from office_treasurer.denominations
