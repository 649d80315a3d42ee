-- What merchants were paid, day by day (UTC).
select date_trunc('day', at at time zone 'UTC')::date as day, count(*) as transfers, count(distinct account) as accounts, sum(amount) as paid
from office_auditor.transfers, period
where at >= period.since and at < period.until
group by 1
order by 1
