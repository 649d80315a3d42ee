-- What one run gathers about melts and their answers before it is folded into the
-- state of melts.
create temporary table staged_melts (
    serial bigint,
    coin_pub bytea, -- null: the row cannot be read
    commitment bytea,
    amount_val bigint,
    amount_frac integer,
    paid_val bigint, -- null: the fee is not known
    paid_frac integer,
    choice integer,
    booked boolean
) on commit drop;

create temporary table staged_transfer_keys (
    serial bigint,
    melt bigint,
    transfer_pub bytea,
    transfer_privs bytea
) on commit drop;

create temporary table staged_fresh_coins (
    serial bigint,
    melt bigint,
    place integer,
    denomination bigint,
    usable boolean, -- the denomination has a key
    envelope bytea,
    link_sig bytea,
    cost_val bigint,
    cost_frac integer
) on commit drop;

-- Melts of this run, and those of earlier runs that something was added to.
create temporary table touched_melts (
    serial bigint,
    coin_pub bytea,
    booked boolean,
    amount numeric(30,8),
    paid numeric(30,8),
    choice integer,
    commitment bytea,
    keys bigint,
    surplus_keys integer,
    transfer_pub bytea,
    transfer_privs bytea,
    fresh integer,
    unusable integer,
    cost numeric(30,8),
    proven integer,
    gap boolean
) on commit drop;

-- Fresh coins of touched melts that the melted coins did not sign.
create temporary table staged_unlinked_coins (
    serial bigint,
    melt bigint,
    coin_pub bytea, -- the melted coin
    denom_pub_hash bytea,
    envelope_hash bytea,
    transfer_pub bytea,
    link_sig bytea
) on commit drop;

-- How far the commitments of touched melts are proven.
create temporary table staged_proofs (
    melt bigint,
    proven integer, -- null: not at all
    gap boolean
) on commit drop;
