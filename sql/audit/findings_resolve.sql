-- Resolves the findings about a state of affairs that this run looked for and
-- did not make again.
update auditor.findings
set resolved_run = $2
where exchange_id = $1
    and kind = 'state'
    and resolved_run is null
    and last_run < $2
    and check_id = any ($3)
