-- Records that somebody acknowledged the finding $2 of the exchange $1 as it is now,
-- or ($6) took that back.
insert into auditor.acknowledgements
    (exchange_id, identity, entered, name, reason, withdrawn, severity, loss, exposure, gain, since_run)
select exchange_id, identity, $3, $4, $5, $6, severity, loss, exposure, gain, since_run
from auditor.findings
where exchange_id = $1 and identity = $2
