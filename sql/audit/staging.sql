-- What one run gathers, in whatever area, before it is folded into the auditor's state. The tables
-- vanish with the transaction.
create temporary table staged_findings (
    identity bytea,
    area text,
    check_id text,
    kind text,
    severity text,
    table_name text,
    serial bigint,
    subject text,
    loss_val bigint,
    loss_frac integer,
    exposure_val bigint,
    exposure_frac integer,
    gain_val bigint,
    gain_frac integer,
    summary text,
    evidence text
) on commit drop;

create temporary table staged_key_rows (
    table_name text,
    serial bigint,
    digest bytea, -- null: the row is there, but cannot be read
    until bigint
) on commit drop;

create temporary table staged_statements (
    digest uuid, -- of what was signed
    relation smallint, -- number of the table, as auditor.statements has it
    serial bigint,
    amount_val bigint,
    amount_frac integer
) on commit drop;
