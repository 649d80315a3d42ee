-- What the banks told of the exchange's accounts, and how it fits the books.

create table auditor.wire_accounts (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    section text not null,
    direction smallint not null check (direction in (1, 2)),
    source text not null check (source in ('gateway', 'statements')),
    last_row bigint not null,
    total numeric(30,8) not null,
    read_run bigint,
    read_until bigint not null,
    strange_row bigint,
    strange_account text,
    opening numeric(30,8),
    closing numeric(30,8),
    primary key (exchange_id, section, direction),
    check (num_nulls(strange_row, strange_account) in (0, 2)),
    check (num_nulls(opening, closing) in (0, 2))
);
comment on table auditor.wire_accounts is 'how far the history of each of the exchange''s bank accounts was read, per direction';
comment on column auditor.wire_accounts.direction is '1: to the exchange, 2: from it';
comment on column auditor.wire_accounts.source is 'who numbered the rows: the bank''s gateway, as in the exchange''s books, or the auditor, reading statements';
comment on column auditor.wire_accounts.total is 'of all transfers, less what the bank kept of them';
comment on column auditor.wire_accounts.read_run is 'the last run that asked the bank itself; what earlier runs found in the books must be there';
comment on column auditor.wire_accounts.read_until is 'the time up to which the history is complete';
comment on column auditor.wire_accounts.strange_row is 'the first row that names another account than the section''s as the exchange''s';
comment on column auditor.wire_accounts.opening is 'the balance before the first statement; below zero if the account was overdrawn';
comment on column auditor.wire_accounts.closing is 'the balance after the last statement';

create table auditor.wire_items (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    direction smallint not null check (direction in (1, 2)),
    side smallint not null check (side between 1 and 4),
    section text not null,
    id bigint not null,
    grp bytea not null check (length(grp) = 32),
    key bytea check (length(key) = 32),
    party bytea check (length(party) = 8),
    account text,
    amount numeric(30,8) not null,
    at bigint not null,
    day_only boolean not null,
    run bigint not null,
    pair bigint,
    open boolean not null,
    primary key (exchange_id, direction, side, section, id)
);
create index wire_items_group on auditor.wire_items (exchange_id, direction, grp);
create index wire_items_open on auditor.wire_items (exchange_id, direction, grp, side) where open;
comment on table auditor.wire_items is 'each transfer twice: as the exchange has booked it, and as the bank has made it';
comment on column auditor.wire_items.side is '1: reserves_in or wire_out, 2: reserves_close, 3: the bank, 4: the bank, a transfer that was taken back';
comment on column auditor.wire_items.section is 'the exchange''s name of its account; empty where the books do not tell it';
comment on column auditor.wire_items.id is 'serial in the exchange''s database, or row of the bank';
comment on column auditor.wire_items.grp is
    'what both halves have in common: the subject of a transfer from the exchange; of one to it, a digest of section and row, or of section and reserve';
comment on column auditor.wire_items.key is 'of the reserve';
comment on column auditor.wire_items.party is 'digest of the other''s account; null if that cannot be told';
comment on column auditor.wire_items.account is 'the other''s account, while the item is open';
comment on column auditor.wire_items.pair is 'number of the pair within its group; null if the other half is not there';
comment on column auditor.wire_items.open is 'it has no other half, or one that differs';
