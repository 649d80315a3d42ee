-- auditor signatures: which auditor vouches for which denomination
select
    s.auditor_denom_serial as serial,
    s.denominations_serial,
    s.auditor_sig,
    a.auditor_pub,
    a.auditor_url
from :"schema".auditor_denom_sigs as s
left join :"schema".auditors as a on a.auditor_uuid = s.auditor_uuid
