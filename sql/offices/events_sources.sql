-- From which addresses requests came, and how long servers took for them.
select host(ip), count(*) as number, percentile_disc(0.5) within group (order by nanoseconds), min(at), max(at)
from events
group by ip
order by number desc, ip
