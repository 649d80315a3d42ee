-- auditors: who audits the exchange, as it tells wallets (mutable)
select
    a.auditor_uuid as serial,
    a.auditor_pub,
    a.auditor_url,
    a.is_active
from :"schema".auditors as a
