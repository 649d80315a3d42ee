-- tiny: marks the deposits that were too small to be paid when they were due.
--
-- What is due to one account of a merchant is paid by one transfer. Its amount is
-- what was deposited, less refunds, less the deposit fee (waived if there was a
-- refund), less one wire fee, rounded down to the unit that banks transfer. If that
-- leaves nothing, the exchange marks what is due as tiny and lets it wait for more;
-- the mark stays when the deposit is paid after all.
--
-- Nothing but this mark tells when the exchange looked at a deposit. It is taken to
-- have looked :grace microseconds after both deadlines had passed at the latest: a
-- deposit that was paid by then is not tiny; one that was not is tiny if what the
-- account was owed then rounds down to zero, else the exchange is in arrears. A
-- deposit that is missed here is found again by the exchange itself.
--
-- Rounding is that of the exchange: a fraction is cut to a multiple of the unit's
-- fraction; whole units are cut, with the fraction, unless they are a multiple.
with claims as (
    select
        d.deposit_serial_id,
        d.merchant_pub,
        d.h_wire,
        substring(d.wire from '"payto_uri"\s*:\s*"payto:(?:\\?/){2}([^/\\"?]+)') as method,
        greatest(d.wire_deadline, d.refund_deadline) as due,
        w.execution_date as paid,
        greatest(0, d.amount_with_fee_val + d.amount_with_fee_frac * 0.00000001
            - coalesce(r.amount, n.fee_deposit_val + n.fee_deposit_frac * 0.00000001)) as owed
    from :"schema".deposits as d
    join :"schema".known_coins as k on k.known_coin_id = d.known_coin_id
    join :"schema".denominations as n on n.denominations_serial = k.denominations_serial
    left join :"schema".aggregation_tracking as a on a.deposit_serial_id = d.deposit_serial_id
    left join :"schema".wire_out as w on w.wtid_raw = a.wtid_raw
    left join (
        select f.deposit_serial_id, sum(f.amount_with_fee_val + f.amount_with_fee_frac * 0.00000001) as amount
        from :"schema".refunds as f
        group by f.deposit_serial_id
    ) as r on r.deposit_serial_id = d.deposit_serial_id
    where d.wire_deadline >= 0 and d.refund_deadline >= 0
), late as (
    select c.*, c.due + :grace as seen
    from claims as c
    where c.due <= :now - :grace and (c.paid is null or c.due < c.paid - :grace)
), events (merchant_pub, h_wire, at, serial, owed) as (
    select c.merchant_pub, c.h_wire, e.at, null::bigint, e.owed
    from claims as c
    cross join lateral (values (c.due, c.owed), (c.paid, -c.owed)) as e (at, owed)
    where (c.paid is null or c.paid > c.due)
      and e.at is not null
      and (c.merchant_pub, c.h_wire) in (select l.merchant_pub, l.h_wire from late as l)
    union all
    select l.merchant_pub, l.h_wire, l.seen, l.deposit_serial_id, 0
    from late as l
), running as (
    select
        e.serial,
        sum(e.owed) over (
            partition by e.merchant_pub, e.h_wire order by e.at, e.serial nulls first rows unbounded preceding
        ) as owed
    from events as e
), payable as (
    select
        l.deposit_serial_id,
        r.owed - coalesce((
            select max(f.wire_fee_val + f.wire_fee_frac * 0.00000001)
            from :"schema".wire_fee as f
            where f.wire_method = l.method and f.start_date <= l.seen and f.end_date > l.seen
        ), 0) as amount
    from late as l
    join running as r on r.serial = l.deposit_serial_id
), cut as (
    select
        p.deposit_serial_id,
        p.amount,
        trunc(p.amount) as units,
        trunc(mod(p.amount, 1) * 100000000) as fraction
    from payable as p
)
update :"schema".deposits as d
set tiny = true
from cut as c
where c.deposit_serial_id = d.deposit_serial_id
  and (
      c.amount <= 0
      or (:unit_frac > 0 and c.units = 0 and c.fraction < :unit_frac)
      or (:unit_val > 0 and c.units > 0 and c.units < :unit_val)
  )
