-- How long servers took.
select command, count(*),
    percentile_disc(0.5) within group (order by nanoseconds),
    percentile_disc(0.9) within group (order by nanoseconds),
    percentile_disc(0.99) within group (order by nanoseconds),
    max(nanoseconds), count(*) filter (where nanoseconds = 65535)
from events
group by command
order by command
