-- What one run gathers before it is folded into the auditor's state. The tables
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

create temporary table staged_reserve_events (
    kind smallint, -- 1 credit, 2 recoup, 3 withdrawal, 4 closing: the order in which events of one second count
    reserve_pub bytea,
    serial bigint,
    at bigint,
    expiration bigint, -- of the reserve, if it follows from this event
    amount_val bigint,
    amount_frac integer,
    fee_val bigint,
    fee_frac integer,
    account text, -- credit: sender; closing: receiver
    account_section text,
    wire_reference bigint
) on commit drop;

create temporary table staged_reserve_balances (
    reserve_pub bytea,
    balance_val bigint, -- null: the row is there, but cannot be read
    balance_frac integer,
    account text,
    expiration bigint,
    collection bigint
) on commit drop;
