-- Gives confirmations that came before without the master key's word for the sign
-- key what this import has of it.
update auditor.deposit_confirmations as c
set key_start = s.key_start, key_expire_sign = s.key_expire_sign, key_expire_legal = s.key_expire_legal, master_sig = s.master_sig
from (
    select distinct on (s.statement, s.exchange_pub) s.*
    from staged_confirmations as s
    where s.master_sig is not null
    order by s.statement, s.exchange_pub, s.entry
) as s
where c.exchange_id = $1 and c.statement = s.statement and c.exchange_pub = s.exchange_pub and c.master_sig is null
