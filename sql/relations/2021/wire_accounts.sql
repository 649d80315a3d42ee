-- wire accounts: the exchange's own bank accounts; the table has no serial
select
    row_number() over (order by a.payto_uri) as serial,
    a.payto_uri,
    a.master_sig,
    a.is_active
from :"schema".wire_accounts as a
