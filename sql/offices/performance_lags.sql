-- How long after it was due deposits were paid, by the month (UTC) of the payment.
select to_char(paid at time zone 'UTC', 'YYYY-MM') as month, count(*) as deposits,
    percentile_cont(0.5) within group (order by seconds) as median, percentile_cont(0.9) within group (order by seconds) as p90,
    percentile_cont(0.99) within group (order by seconds) as p99, max(seconds) as longest
from office_performance.lags, period
where paid >= period.since and paid < period.until
group by 1
order by 1
