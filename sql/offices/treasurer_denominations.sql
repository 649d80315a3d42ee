-- Denominations that customers can hold in the period.
select denomination::text, trim_scale(d.value)::text as value, valid_from, case when revoked then 'revoked' else '' end,
    issued, issued_amount, spent_amount, recouped_amount, outstanding_amount
from office_treasurer.denominations as d, period
where expire_legal >= period.since and valid_from < period.until
order by d.value, valid_from
