-- What was revoked. Revocations have no time.
select what, key_serial::text as key_serial
from office_treasurer.revocations
order by what, serial
