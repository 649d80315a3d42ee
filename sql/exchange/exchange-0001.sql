-- Layout 2021 of an exchange, first part: the tables of the exchange's own first
-- patch, in the shape that they have after its second. An exchange of that release
-- can run on the result, so names, defaults and indexes are its own, and what it
-- lacks (a key on refunds, indexes on references to coins) is lacking here too.

create schema if not exists :"schema";

create table :"schema".denominations (
    denom_pub_hash bytea primary key check (length(denom_pub_hash) = 64),
    denom_pub bytea not null,
    master_sig bytea not null check (length(master_sig) = 64),
    valid_from bigint not null,
    expire_withdraw bigint not null,
    expire_deposit bigint not null,
    expire_legal bigint not null,
    coin_val bigint not null,
    coin_frac integer not null,
    fee_withdraw_val bigint not null,
    fee_withdraw_frac integer not null,
    fee_deposit_val bigint not null,
    fee_deposit_frac integer not null,
    fee_refresh_val bigint not null,
    fee_refresh_frac integer not null,
    fee_refund_val bigint not null,
    fee_refund_frac integer not null,
    denominations_serial bigserial unique
);

create index denominations_expire_legal_index on :"schema".denominations (expire_legal);

create table :"schema".denomination_revocations (
    denom_revocations_serial_id bigserial unique,
    master_sig bytea not null check (length(master_sig) = 64),
    denominations_serial bigint references :"schema".denominations (denominations_serial) on delete cascade,
    constraint denominations_serial_pk primary key (denominations_serial)
);

create table :"schema".reserves (
    reserve_pub bytea primary key check (length(reserve_pub) = 32),
    account_details text not null,
    current_balance_val bigint not null,
    current_balance_frac integer not null,
    expiration_date bigint not null,
    gc_date bigint not null,
    reserve_uuid bigserial unique
);

create index reserves_expiration_index on :"schema".reserves
    (expiration_date, current_balance_val, current_balance_frac);
create index reserves_gc_index on :"schema".reserves (gc_date);

create table :"schema".reserves_in (
    reserve_in_serial_id bigserial unique,
    wire_reference bigint not null,
    credit_val bigint not null,
    credit_frac integer not null,
    sender_account_details text not null,
    exchange_account_section text not null,
    execution_date bigint not null,
    reserve_uuid bigint not null references :"schema".reserves (reserve_uuid) on delete cascade
);

create index reserves_in_exchange_account_serial on :"schema".reserves_in
    (exchange_account_section, reserve_in_serial_id desc);
create index reserves_in_execution_index on :"schema".reserves_in
    (exchange_account_section, execution_date);

create table :"schema".reserves_close (
    close_uuid bigserial primary key,
    execution_date bigint not null,
    wtid bytea not null check (length(wtid) = 32),
    receiver_account text not null,
    amount_val bigint not null,
    amount_frac integer not null,
    closing_fee_val bigint not null,
    closing_fee_frac integer not null,
    reserve_uuid bigint not null references :"schema".reserves (reserve_uuid) on delete cascade
);

create table :"schema".reserves_out (
    reserve_out_serial_id bigserial unique,
    h_blind_ev bytea primary key check (length(h_blind_ev) = 64),
    denom_sig bytea not null,
    reserve_sig bytea not null check (length(reserve_sig) = 64),
    execution_date bigint not null,
    amount_with_fee_val bigint not null,
    amount_with_fee_frac integer not null,
    reserve_uuid bigint not null references :"schema".reserves (reserve_uuid) on delete cascade,
    denominations_serial bigint not null
        references :"schema".denominations (denominations_serial) on delete cascade
);

create index reserves_out_execution_date on :"schema".reserves_out (execution_date);

create table :"schema".known_coins (
    known_coin_id bigserial unique,
    coin_pub bytea primary key check (length(coin_pub) = 32),
    denom_sig bytea not null,
    denominations_serial bigint not null
        references :"schema".denominations (denominations_serial) on delete cascade
);

create table :"schema".refresh_commitments (
    melt_serial_id bigserial unique,
    rc bytea primary key check (length(rc) = 64),
    old_coin_sig bytea not null check (length(old_coin_sig) = 64),
    amount_with_fee_val bigint not null,
    amount_with_fee_frac integer not null,
    noreveal_index integer not null,
    old_known_coin_id bigint not null references :"schema".known_coins (known_coin_id) on delete cascade
);

create table :"schema".refresh_revealed_coins (
    freshcoin_index integer not null,
    link_sig bytea not null check (length(link_sig) = 64),
    coin_ev bytea not null unique,
    h_coin_ev bytea not null unique check (length(h_coin_ev) = 64),
    ev_sig bytea not null,
    rrc_serial bigserial unique,
    denominations_serial bigint not null
        references :"schema".denominations (denominations_serial) on delete cascade,
    melt_serial_id bigint not null references :"schema".refresh_commitments (melt_serial_id) on delete cascade
);

create table :"schema".refresh_transfer_keys (
    transfer_pub bytea not null check (length(transfer_pub) = 32),
    transfer_privs bytea not null,
    rtc_serial bigserial unique,
    melt_serial_id bigint not null references :"schema".refresh_commitments (melt_serial_id) on delete cascade
);

create table :"schema".deposits (
    deposit_serial_id bigserial primary key,
    amount_with_fee_val bigint not null,
    amount_with_fee_frac integer not null,
    wallet_timestamp bigint not null,
    exchange_timestamp bigint not null,
    refund_deadline bigint not null,
    wire_deadline bigint not null,
    merchant_pub bytea not null check (length(merchant_pub) = 32),
    h_contract_terms bytea not null check (length(h_contract_terms) = 64),
    h_wire bytea not null check (length(h_wire) = 64),
    coin_sig bytea not null check (length(coin_sig) = 64),
    wire text not null,
    tiny boolean not null default false,
    done boolean not null default false,
    known_coin_id bigint not null references :"schema".known_coins (known_coin_id) on delete cascade
);

create index deposits_get_ready_index on :"schema".deposits
    (tiny, done, wire_deadline, refund_deadline);
create index deposits_iterate_matching_index on :"schema".deposits
    (merchant_pub, h_wire, done, wire_deadline);

create table :"schema".refunds (
    refund_serial_id bigserial unique,
    merchant_sig bytea not null check (length(merchant_sig) = 64),
    rtransaction_id bigint not null,
    amount_with_fee_val bigint not null,
    amount_with_fee_frac integer not null,
    deposit_serial_id bigint not null references :"schema".deposits (deposit_serial_id) on delete cascade
);

create table :"schema".wire_out (
    wireout_uuid bigserial primary key,
    execution_date bigint not null,
    wtid_raw bytea not null unique check (length(wtid_raw) = 32),
    wire_target text not null,
    exchange_account_section text not null,
    amount_val bigint not null,
    amount_frac integer not null
);

create table :"schema".aggregation_tracking (
    aggregation_serial_id bigserial unique,
    deposit_serial_id bigint primary key references :"schema".deposits (deposit_serial_id) on delete cascade,
    wtid_raw bytea constraint wire_out_ref
        references :"schema".wire_out (wtid_raw) on delete cascade deferrable
);

create index aggregation_tracking_wtid_index on :"schema".aggregation_tracking (wtid_raw);

create table :"schema".wire_fee (
    wire_method varchar not null,
    start_date bigint not null,
    end_date bigint not null,
    wire_fee_val bigint not null,
    wire_fee_frac integer not null,
    closing_fee_val bigint not null,
    closing_fee_frac integer not null,
    master_sig bytea not null check (length(master_sig) = 64),
    wire_fee_serial bigserial unique,
    primary key (wire_method, start_date)
);

create index wire_fee_gc_index on :"schema".wire_fee (end_date);

create table :"schema".recoup (
    recoup_uuid bigserial unique,
    coin_sig bytea not null check (length(coin_sig) = 64),
    coin_blind bytea not null check (length(coin_blind) = 32),
    amount_val bigint not null,
    amount_frac integer not null,
    "timestamp" bigint not null,
    known_coin_id bigint not null references :"schema".known_coins (known_coin_id) on delete cascade,
    reserve_out_serial_id bigint not null
        references :"schema".reserves_out (reserve_out_serial_id) on delete cascade
);

create table :"schema".recoup_refresh (
    recoup_refresh_uuid bigserial unique,
    coin_sig bytea not null check (length(coin_sig) = 64),
    coin_blind bytea not null check (length(coin_blind) = 32),
    amount_val bigint not null,
    amount_frac integer not null,
    "timestamp" bigint not null,
    known_coin_id bigint not null references :"schema".known_coins (known_coin_id) on delete cascade,
    rrc_serial bigint not null references :"schema".refresh_revealed_coins (rrc_serial) on delete cascade
);

create table :"schema".prewire (
    prewire_uuid bigserial primary key,
    type text not null,
    finished boolean not null default false,
    buf bytea not null
);

create index prepare_iteration_index on :"schema".prewire (finished);
