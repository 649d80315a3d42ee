-- How many events of each service there were in a second, on average and at most.
with seconds as (
    select command, at, count(*) as number from events group by command, at
), minutes as (
    select command, date_trunc('minute', at) as minute, sum(number) as number from seconds group by 1, 2
), busiest as (
    select command, max(number)::bigint as number from minutes group by command
)
select s.command, sum(s.number)::bigint as number, sum(s.number) / (extract(epoch from max(s.at) - min(s.at)) + 1), max(s.number), max(b.number)
from seconds as s
join busiest as b using (command)
group by s.command
order by number desc, s.command
