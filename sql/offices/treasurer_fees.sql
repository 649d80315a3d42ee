-- The fees of denominations, as often as they were set so.
select trim_scale(d.value)::text as value, trim_scale(fee_withdraw)::text, trim_scale(fee_deposit)::text, trim_scale(fee_refresh)::text, trim_scale(fee_refund)::text,
    count(*) as denominations, min(valid_from) as first, max(valid_from) as last
from office_treasurer.denominations as d, period
where expire_legal >= period.since and valid_from < period.until
group by d.value, fee_withdraw, fee_deposit, fee_refresh, fee_refund
order by d.value, min(valid_from)
