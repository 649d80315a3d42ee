-- What customers and merchants signed, to tell when it is booked once more.

create table auditor.statements (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    digest uuid not null,
    relation smallint not null,
    serial bigint not null,
    primary key (exchange_id, digest)
);
comment on table auditor.statements is 'digests of all statements whose signatures were verified, with the row that booked each first';
comment on column auditor.statements.digest is 'first half of the SHA-256 of what was signed';
comment on column auditor.statements.relation is
    '1 reserves_out, 2 deposits, 3 refresh_commitments, 4 refresh_revealed_coins, 5 refunds, 6 recoup, 7 recoup_refresh';
