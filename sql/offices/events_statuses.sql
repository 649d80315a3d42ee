-- What servers answered.
select status::text, count(*) as number
from events
group by status
order by number desc, status
