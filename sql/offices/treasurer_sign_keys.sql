-- The keys with which the exchange signs in the period.
select serial::text as serial, valid_from, expire_sign, expire_legal, case when revoked then 'revoked' else '' end as state
from office_treasurer.sign_keys, period
where expire_legal >= period.since and valid_from < period.until
order by valid_from, serial
