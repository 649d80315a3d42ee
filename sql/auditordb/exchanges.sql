-- The exchanges of an auditor's database, with how far their audits are.
select
    e.exchange_id, e.master_pub, e.base_url, e.currency, e.added,
    (select count(*) from auditor.runs as r where r.exchange_id = e.exchange_id),
    (select r.as_of from auditor.runs as r where r.exchange_id = e.exchange_id order by r.run desc limit 1),
    (select count(*) from auditor.findings as f where f.exchange_id = e.exchange_id and f.resolved_run is null),
    (select max(s.restarted) from auditor.restarts as s where s.exchange_id = e.exchange_id)
from auditor.exchanges as e
order by e.exchange_id
