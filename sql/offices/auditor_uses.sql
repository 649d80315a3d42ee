-- How money is used. What has no time is part of every period.
select use, count(*) as count, sum(amount) as amount, sum(fee) as fees
from office_auditor.uses, period
where at is null or at >= period.since and at < period.until
group by use
order by use
