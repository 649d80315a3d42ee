-- A-36: transfers that are dated against the order of their serials. Where two rows
-- contradict each other, one of them is wrong: the smaller side is taken to be, the
-- later row if that does not tell. Rows that earlier runs have left out, and rows
-- dated in the future, say nothing about the order.
with neighbours as (
    select
        s.serial, s.at,
        greatest($1::bigint, max(s.at) over (order by s.serial rows between unbounded preceding and 1 preceding)) as before,
        min(s.at) over (order by s.serial desc rows between unbounded preceding and 1 preceding) as after
    from staged_transfers as s
    where s.serial >= $2 and s.at <= $3
), contradictions as (
    select n.*, n.at > n.after + $4 as ahead, n.at < n.before - $4 as behind
    from neighbours as n
), sides as (
    select count(*) filter (where c.ahead) as ahead, count(*) filter (where c.behind) as behind
    from contradictions as c
)
select c.serial, c.at, case when s.ahead > 0 and s.ahead < s.behind then c.after else c.before end
from contradictions as c, sides as s
where case when s.ahead > 0 and s.ahead < s.behind then c.ahead else c.behind end
order by c.serial
