-- Leaves out of the books of coins what rows of this run did that book what another row
-- booked before (C-40): deposits (statements of table 2), melts (3) and refunds (5).
delete from staged_coin_events as e
using staged_statements as s
join auditor.statements as k on k.exchange_id = $1 and k.digest = s.digest
where (k.relation, k.serial) <> (s.relation, s.serial)
    and e.serial = s.serial
    and (s.relation, e.kind) in ((2, 3), (3, 4), (5, 5))
