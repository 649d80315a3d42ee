-- What one import gathers, in the order in which it was read.
create temporary table staged_confirmations (
    entry bigint,
    h_contract_terms bytea,
    h_wire bytea,
    exchange_timestamp bigint,
    refund_deadline bigint,
    amount_val bigint,
    amount_frac integer,
    coin_pub bytea,
    merchant_pub bytea,
    exchange_pub bytea,
    exchange_sig bytea,
    key_start bigint,
    key_expire_sign bigint,
    key_expire_legal bigint,
    master_sig bytea,
    statement bytea
) on commit drop;
