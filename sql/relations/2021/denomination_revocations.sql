-- denomination revocations: denominations that the master key has withdrawn
select
    r.denom_revocations_serial_id as serial,
    r.denominations_serial,
    r.master_sig
from :"schema".denomination_revocations as r
