-- The auditor's own state: which exchanges are audited, how far, what their
-- books should say, what was found, and every report.
--
-- Amounts are numeric(30,8) in the exchange's currency; times of the exchange
-- are microseconds since 1970 (UTC), 9223372036854775807 = never.

create schema auditor;
comment on schema auditor is 'state and reports of the exchange auditor';

create table auditor.exchanges (
    exchange_id integer generated always as identity primary key,
    master_pub bytea not null unique check (length(master_pub) = 32),
    base_url text not null,
    currency text not null,
    added timestamptz not null default now()
);
comment on table auditor.exchanges is 'the exchanges that are audited';

create table auditor.runs (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    run bigint not null check (run > 0),
    as_of timestamptz not null,
    started timestamptz not null,
    finished timestamptz not null,
    report jsonb not null,
    primary key (exchange_id, run)
);
comment on table auditor.runs is 'completed audit runs, numbered per exchange, with their reports';

create table auditor.progress (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    area text not null,
    table_name text not null,
    next_serial bigint not null,
    rows_judged bigint not null check (rows_judged >= 0),
    holes int8multirange not null default '{}',
    primary key (exchange_id, area, table_name)
);
comment on table auditor.progress is 'per area and table: the first serial not yet judged, and the serials below it that were never seen';

create table auditor.figures (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    area text not null,
    name text not null,
    amount numeric(30,8) not null,
    primary key (exchange_id, area, name)
);
comment on table auditor.figures is 'figures of the last report';

create table auditor.findings (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    identity bytea not null check (length(identity) = 32),
    area text not null,
    check_id text not null,
    kind text not null check (kind in ('row', 'state')),
    severity text not null,
    table_name text not null,
    serial bigint,
    subject text not null,
    loss numeric(30,8),
    exposure numeric(30,8),
    gain numeric(30,8),
    summary text not null,
    evidence jsonb not null,
    first_run bigint not null,
    first_as_of timestamptz not null,
    since_run bigint not null,
    last_run bigint not null,
    resolved_run bigint,
    primary key (exchange_id, identity)
);
create index findings_open on auditor.findings (exchange_id, check_id) where resolved_run is null;
create index findings_resolved on auditor.findings (exchange_id, resolved_run) where resolved_run is not null;
comment on table auditor.findings is 'every finding ever made; it held from since_run until resolved_run, in which it no longer did';

create table auditor.key_rows (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    table_name text not null,
    serial bigint not null,
    digest bytea not null check (length(digest) = 32),
    first_as_of timestamptz not null,
    until bigint not null,
    primary key (exchange_id, table_name, serial)
);
comment on column auditor.key_rows.until is 'when the exchange may collect the row as garbage';
comment on table auditor.key_rows is 'digests of denominations, fees, keys and revocations as they were first seen';

create table auditor.reserves (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    reserve_pub bytea not null check (length(reserve_pub) = 32),
    balance numeric(30,8) not null,
    fees numeric(30,8) not null,
    expiration bigint,
    last_credit bigint,
    last_closing bigint,
    last_use bigint,
    primary key (exchange_id, reserve_pub)
);
create index reserves_open on auditor.reserves (exchange_id, expiration) where balance <> 0;
comment on column auditor.reserves.last_use is 'last withdrawal or recoup';
create index reserves_latest on auditor.reserves (exchange_id, (greatest(last_use, last_closing)));
comment on table auditor.reserves is 'what each reserve should hold; negative where more was taken out than was paid in';

create table auditor.reserve_origins (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    reserve_pub bytea not null check (length(reserve_pub) = 32),
    account text not null,
    primary key (exchange_id, reserve_pub, account)
);
comment on table auditor.reserve_origins is 'the bank accounts from which each reserve was credited';

create table auditor.credits (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    account_section text not null,
    wire_reference bigint not null,
    serial bigint not null,
    primary key (exchange_id, account_section, wire_reference)
);
comment on table auditor.credits is 'the bank transfers that were booked as credits, each of which may be booked once';
