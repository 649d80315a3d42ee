-- What one run finds out about deposit confirmations before it is kept.
create temporary table staged_confirmation_proofs (
    serial bigint,
    known boolean, -- from an earlier run, which could not prove it
    proven boolean,
    until bigint
) on commit drop;

create temporary table staged_confirmation_states (
    serial bigint,
    until bigint, -- null: as it was
    deposits bigint,
    deposit_serial bigint, -- null, as the columns that follow: what was known of the deposit stays
    known_coin_id bigint,
    h_wire bytea,
    exchange_timestamp bigint,
    refund_deadline bigint,
    amount_with_fee_val bigint,
    amount_with_fee_frac integer,
    amount_val bigint, -- null: it cannot be told
    amount_frac integer,
    defect text,
    missing boolean,
    wrong boolean
) on commit drop;
