-- Keeps which confirmations are proven to be the exchange's, and until when the
-- key binds it. All others are wrong.
with known as (
    update auditor.confirmation_states as k set proven = s.proven, until = s.until, wrong = not s.proven
    from staged_confirmation_proofs as s
    where s.known and k.exchange_id = $1 and k.serial = s.serial
)
insert into auditor.confirmation_states (exchange_id, serial, proven, until, wrong)
select $1::integer, s.serial, s.proven, s.until, not s.proven
from staged_confirmation_proofs as s
where not s.known
order by s.serial
