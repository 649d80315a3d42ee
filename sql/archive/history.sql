-- The figures and the totals of checks in the last $3 reports on the exchange $1 up
-- to the run $2, the first one first. The reports are not read as jsonb, which refuses
-- what text may hold.
select h.run, h.as_of, h.report -> 'figures', h.report -> 'checks'
from (
    select run, as_of, convert_from(report, 'UTF8')::json as report
    from auditor.runs
    where exchange_id = $1 and run <= $2
    order by run desc
    limit $3
) as h
order by h.run
