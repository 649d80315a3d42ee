-- Whether there are both bookings and transfers without another half.
select
    exists (select from staged_wire_items as s where s.pair is null and s.side = 3)
    and exists (select from staged_wire_items as s where s.pair is null and s.side < 3)
