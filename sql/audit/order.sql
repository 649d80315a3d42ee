-- Rows that are dated against the order of their serials: dated before a row that was
-- written before them, or after one that was written after them, and both dates are at
-- least $4 quarters of an hour apart. Where two rows contradict each other, one of them
-- is wrong: of all quarters that contradictions tie together the smaller side is
-- taken to be, the later rows if that does not tell. What is dated in the future says
-- nothing about the order.
with quarters as (
    select q.quarter, array[q.first_serial, q.first_at] as first, array[q.last_serial, q.last_at] as last
    from auditor.quarters as q
    where q.exchange_id = $1 and q.area = $2 and q.table_name = $3 and q.quarter < $5
), neighbours as (
    select
        q.quarter, q.first, q.last,
        max(q.last) over (order by q.quarter range between unbounded preceding and $4::bigint preceding) as before,
        min(q.first) over (order by q.quarter desc range between unbounded preceding and $4::bigint preceding) as after,
        max(q.last) over (order by q.quarter rows between unbounded preceding and 1 preceding) as all_before,
        min(q.first) over (order by q.quarter desc) as from_here
    from quarters as q
), contradictions as (
    select
        n.quarter, n.first, n.last, n.before, n.after,
        n.first < n.before as ahead,
        n.last > n.after as behind,
        coalesce(n.from_here > n.before, true)
            and coalesce(lag(n.after) over (order by n.quarter) > n.all_before, true) as apart
    from neighbours as n
), knots as (
    select c.*, count(*) filter (where c.apart) over (order by c.quarter) as knot
    from contradictions as c
), sides as (
    select
        k.*,
        count(*) filter (where k.ahead) over (partition by k.knot) as all_ahead,
        count(*) filter (where k.behind) over (partition by k.knot) as all_behind
    from knots as k
), wrong as (
    select s.first as row, s.before as neighbour
    from sides as s
    where s.ahead and s.all_ahead < s.all_behind
    union all
    select s.last, s.after
    from sides as s
    where s.behind and (s.all_ahead = 0 or s.all_ahead >= s.all_behind)
)
select w.row[1], w.row[2], w.neighbour[1], w.neighbour[2]
from wrong as w
order by w.row[1]
