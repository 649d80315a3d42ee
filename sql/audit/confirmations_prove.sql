-- Keeps which confirmations are proven to be the exchange's, and until when the
-- key binds it. All others are wrong.
insert into auditor.confirmation_states as k (exchange_id, serial, proven, until, wrong)
select $1, s.serial, s.proven, s.until, not s.proven
from staged_confirmation_proofs as s
order by s.serial
on conflict (exchange_id, serial) do update set proven = excluded.proven, until = excluded.until, wrong = excluded.wrong
