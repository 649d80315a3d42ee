-- C-45: rows of one kind that are dated against the order of their serials. Where
-- two rows contradict each other, one of them is wrong: the smaller side is taken to
-- be, the later row if that does not tell. Rows that earlier runs have left out, and
-- rows dated in the future, say nothing about the order.
with neighbours as (
    select
        e.serial, e.at,
        greatest($2::bigint, max(e.at) over (order by e.serial rows between unbounded preceding and 1 preceding)) as before,
        min(e.at) over (order by e.serial desc rows between unbounded preceding and 1 preceding) as after
    from staged_coin_events as e
    where e.kind = $1 and e.serial >= $3 and e.at <= $4
), contradictions as (
    select n.*, n.at > n.after + $5 as ahead, n.at < n.before - $5 as behind
    from neighbours as n
), sides as (
    select count(*) filter (where c.ahead) as ahead, count(*) filter (where c.behind) as behind
    from contradictions as c
)
select c.serial, c.at, case when s.ahead > 0 and s.ahead < s.behind then c.after else c.before end
from contradictions as c, sides as s
where case when s.ahead > 0 and s.ahead < s.behind then c.ahead else c.behind end
order by c.serial
