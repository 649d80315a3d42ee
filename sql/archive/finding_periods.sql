-- When the finding $2 of the exchange $1 held: from which run, and until which one, if
-- it does not hold any more, with the clocks of these runs.
select p.from_run, b.as_of, p.until_run, u.as_of
from (
    select from_run, until_run from auditor.finding_periods where exchange_id = $1 and identity = $2
    union all
    select since_run, resolved_run from auditor.findings where exchange_id = $1 and identity = $2
) as p
join auditor.runs as b on b.exchange_id = $1 and b.run = p.from_run
left join auditor.runs as u on u.exchange_id = $1 and u.run = p.until_run
order by p.from_run
