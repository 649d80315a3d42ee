-- sign key revocations: sign keys that the master key has withdrawn
select
    r.signkey_revocations_serial_id as serial,
    r.esk_serial,
    k.exchange_pub,
    r.master_sig
from :"schema".signkey_revocations as r
left join :"schema".exchange_sign_keys as k on k.esk_serial = r.esk_serial
