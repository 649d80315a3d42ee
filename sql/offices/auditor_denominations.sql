-- How each denomination is used.
select trim_scale(uses.value)::text as value,
    count(*) filter (where use = 'withdrawal') as withdrawals,
    count(*) filter (where use = 'fresh coin') as fresh_coins,
    count(*) filter (where use = 'deposit') as deposits,
    coalesce(sum(amount) filter (where use = 'deposit'), 0) as spent,
    count(*) filter (where use = 'melt') as melts,
    count(*) filter (where use = 'refund') as refunds
from office_auditor.uses, period
where at is null or at >= period.since and at < period.until
group by uses.value
order by uses.value
