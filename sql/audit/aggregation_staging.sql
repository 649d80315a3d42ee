-- What one run gathers about debts to merchants before it is folded into their state.
create temporary table staged_obligation_events (
    kind smallint, -- 1 deposit, 2 refund, 3 part of a transfer
    deposit bigint,
    amount_val bigint, -- of a deposit or a refund
    amount_frac integer,
    fee_val bigint, -- of a deposit, as the next three
    fee_frac integer,
    payee bigint,
    due bigint,
    wire_deadline bigint,
    transfer bigint, -- of a part of a transfer, as the next two
    tracking bigint,
    diverted boolean
) on commit drop;

create temporary table staged_transfers (
    serial bigint,
    at bigint, -- null: an earlier run staged the transfer, only its fee is new
    amount_val bigint,
    amount_frac integer,
    usable boolean, -- the account can be told
    method text,
    fee_val bigint, -- null: there is no single one
    fee_frac integer
) on commit drop;

-- What the events of this run change in the transfers.
create temporary table staged_transfer_changes (
    transfer bigint,
    total numeric,
    deposits bigint,
    due bigint
) on commit drop;

create temporary table staged_dangling_trackings (
    serial bigint,
    deposit bigint
) on commit drop;

-- What the exchange itself believes it must still pay.
create temporary table staged_unpaid_deposits (
    deposit bigint,
    wire_deadline bigint,
    tiny boolean
) on commit drop;
