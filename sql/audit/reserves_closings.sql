-- The closings of this run, each with what was known of its reserve when it was
-- closed: events of this run up to then, and the state that earlier runs left.
select
    c.serial, c.reserve_pub, c.at, c.account, c.amount_val, c.amount_frac, c.fee_val, c.fee_frac,
    greatest(r.expiration, c.expiration_then) as expiration,
    greatest(r.last_credit, c.last_credit_then) as last_credit,
    greatest(r.last_closing, c.last_closing_then) as last_closing
from (
    select e.*,
        max(e.expiration) over earlier as expiration_then,
        max(e.at) filter (where e.kind in (1, 2)) over earlier as last_credit_then,
        max(e.at) filter (where e.kind = 4) over earlier as last_closing_then
    from staged_reserve_events as e
    where e.kind in (1, 2, 4)
    window earlier as (
        partition by e.reserve_pub order by e.at, e.kind, e.serial
        rows between unbounded preceding and 1 preceding)
) as c
left join auditor.reserves as r on r.exchange_id = $1 and r.reserve_pub = c.reserve_pub
where c.kind = 4
order by c.serial
