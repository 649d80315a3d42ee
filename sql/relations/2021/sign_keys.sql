-- sign keys: the keys with which the exchange signs its answers
select
    k.esk_serial as serial,
    k.exchange_pub,
    k.master_sig,
    k.valid_from,
    k.expire_sign,
    k.expire_legal
from :"schema".exchange_sign_keys as k
