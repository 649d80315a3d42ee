-- transfer keys: by which owners of melted coins proved what they had committed to
select
    k.rtc_serial as serial,
    k.melt_serial_id,
    k.transfer_pub,
    k.transfer_privs
from :"schema".refresh_transfer_keys as k
