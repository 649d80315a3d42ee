-- Whether any finding that holds can explain that the books do not balance: one that
-- states a loss or a gain, or one about a row that states an exposure. What is merely
-- late is booked. Findings of this run, and those about rows that earlier runs made.
select exists (
    select from staged_findings as s
    where coalesce(s.loss_val, 0) + coalesce(s.loss_frac, 0) + coalesce(s.gain_val, 0) + coalesce(s.gain_frac, 0)
        + case s.kind when 'row' then coalesce(s.exposure_val, 0) + coalesce(s.exposure_frac, 0) else 0 end > 0
) or exists (
    select from auditor.findings as f
    where f.exchange_id = $1 and f.kind = 'row' and f.resolved_run is null
        and coalesce(f.loss, 0) + coalesce(f.exposure, 0) + coalesce(f.gain, 0) > 0
)
