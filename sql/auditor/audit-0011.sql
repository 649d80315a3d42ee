-- Closings that went to an account from which, as far as is known, the reserve was never
-- credited. A credit that comes to light later may justify one after all, so that each
-- audit judges them anew.

create table auditor.misdirected_closings (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null,
    reserve_pub bytea not null check (length(reserve_pub) = 32),
    at bigint not null,
    receiver text not null,
    amount_val bigint not null,
    amount_frac integer not null,
    primary key (exchange_id, serial)
);
comment on table auditor.misdirected_closings is 'closings towards accounts that the reserve was not credited from';
comment on column auditor.misdirected_closings.at is 'when the reserve was closed, in microseconds since 1970';
