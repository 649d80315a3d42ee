-- What one run gathers about reserves before it is folded into their state.
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
