-- What auditor-sync knows of the source beyond the rows that it copied: which rows
-- may still come, what each copied row was, and what was found to be wrong.

-- Serials below the highest copied one that were not in the source: of aborted
-- transactions, or of some that had not committed yet. They are looked for on each
-- pass until they are given up.
create table auditor_sync.holes (
    table_name text not null,
    from_serial bigint not null,
    to_serial bigint not null check (to_serial >= from_serial),
    first_seen timestamptz not null,
    given_up timestamptz,
    primary key (table_name, from_serial)
);
create index holes_open on auditor_sync.holes (table_name, from_serial) where given_up is null;
comment on column auditor_sync.holes.given_up is 'when it was last looked for; a row that turns up there later is back-dated; null while it is looked for';

-- Rows that came into a hole after higher serials had been copied.
create table auditor_sync.late_rows (
    table_name text not null,
    serial bigint not null,
    seen timestamptz not null,
    primary key (table_name, serial)
);

-- The evidence of rows that were copied, those that auditor-dbinit gc removed since
-- included: a Merkle tree (RFC 6962) per 1024 serials. Chunk n covers the serials
-- from 1024 n to 1024 n + 1023. A leaf is SHA-256 over a zero byte and the row's
-- tuple in binary COPY format: the serial, then the other columns in the order of
-- the registry, mutable columns left out.
create table auditor_sync.chunks (
    table_name text not null,
    number bigint not null,
    ordinal bigint not null,
    highest bigint not null,
    rows integer not null check (rows between 1 and 1024),
    present bytea not null check (length(present) = 128),
    leaves bytea not null check (length(leaves) = 32 * rows),
    root bytea not null check (length(root) = 32),
    gone bytea check (length(gone) = 128),
    primary key (table_name, number),
    unique (table_name, ordinal)
);
alter table auditor_sync.chunks alter leaves set storage external;
comment on column auditor_sync.chunks.ordinal is 'order in which the chunks of a table were begun, from 0 without a hole';
comment on column auditor_sync.chunks.present is 'a bit per serial, lowest first: whether the row was copied';
comment on column auditor_sync.chunks.gone is 'a bit per serial: whether the source no longer has the row, which it might collect as garbage';

-- What the source did that it must not do. An alert that is repeated is one row; it
-- is open until it is resolved, because the source was corrected.
create table auditor_sync.alerts (
    identity text primary key,
    kind text not null check (kind in ('altered-row', 'deleted-row', 'back-dated-row', 'source-behind', 'flapping-row', 'schema', 'unguarded', 'violation')),
    table_name text not null,
    serial bigint,
    columns text[] not null default '{}',
    ours text not null,
    theirs text not null,
    summary text not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    count bigint not null default 1 check (count >= 1),
    resolved timestamptz
);
create index alerts_open on auditor_sync.alerts (table_name) where resolved is null;
comment on column auditor_sync.alerts.serial is 'null if the alert is about the table, or the row could not be read that far';
comment on column auditor_sync.alerts.ours is 'what the trusted copy holds, or what is expected; safe to print, as all texts here';

-- Which copied rows the exchange may have collected as garbage, as last looked up.
create unlogged table auditor_sync.collectable (
    table_name text not null,
    serial bigint not null,
    primary key (table_name, serial)
);

-- Both versions of a row that an alert is about, as tuples in binary COPY format:
-- the serial, then the other columns in the order of the registry. Null stands for
-- no row.
create table auditor_sync.evidence (
    evidence bigint generated always as identity primary key,
    alert text not null references auditor_sync.alerts (identity),
    seen timestamptz not null,
    ours bytea,
    theirs bytea
);
create index evidence_of_alert on auditor_sync.evidence (alert);

-- Where the copy of each table stands.
create table auditor_sync.table_states (
    table_name text primary key,
    state text not null check (state in ('pending', 'copying', 'current', 'verified', 'gap-open', 'halted')),
    reason text not null default '',
    highest bigint,
    open_holes bigint not null default 0,
    given_up_holes bigint not null default 0,
    chunks bigint not null default 0,
    verified bigint not null default 0,
    changed timestamptz not null
);
comment on column auditor_sync.table_states.open_holes is 'serials that are still looked for';
comment on column auditor_sync.table_states.given_up_holes is 'serials that were given up: as far as known, of aborted transactions';
comment on column auditor_sync.table_states.verified is 'chunks that were compared with the source in the present round';

-- The pass that several processes of auditor-sync share, if they do: the first one
-- opens it, all read the same snapshot of the source.
create table auditor_sync.shared_pass (
    the_only boolean primary key default true check (the_only),
    number bigint not null,
    shards integer not null,
    snapshot text not null,
    closed boolean not null,
    rows bigint not null,
    rows_before bigint not null
);
comment on column auditor_sync.shared_pass.rows_before is 'rows of the pass before, for a process that was late to see its end';

-- Which of them copies which table, and how far it is.
create table auditor_sync.shared_tables (
    table_name text primary key,
    number bigint not null,
    shard integer not null,
    done boolean not null,
    rows bigint not null,
    halted text
);
comment on column auditor_sync.shared_tables.number is 'of the shared pass that the other columns are about';
