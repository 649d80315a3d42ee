-- Melts: what each one paid for, and what is left to be shown of it.

create table auditor.melts (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null,
    coin_pub bytea,
    booked boolean not null,
    amount numeric(30,8) not null,
    paid numeric(30,8),
    choice integer not null,
    commitment bytea,
    keys bigint,
    surplus_keys integer not null,
    transfer_pub bytea,
    transfer_privs bytea,
    fresh integer not null,
    unusable integer not null,
    cost numeric(30,8) not null,
    proven integer,
    gap boolean not null,
    open boolean not null,
    primary key (exchange_id, serial)
);
create index melts_open on auditor.melts (exchange_id, serial) where open;
comment on table auditor.melts is 'all melts, with what they were answered with';
comment on column auditor.melts.serial is 'melt_serial_id';
comment on column auditor.melts.coin_pub is 'of the melted coin; null if the row cannot be read';
comment on column auditor.melts.booked is 'whether the melted coin was charged; not if it did not sign';
comment on column auditor.melts.paid is 'amount without the fee; null if the fee is not known';
comment on column auditor.melts.choice is 'noreveal_index';
comment on column auditor.melts.commitment is 'what the answer must fit; null once that was proven';
comment on column auditor.melts.keys is 'rtc_serial of the transfer keys; null if there are none yet';
comment on column auditor.melts.surplus_keys is 'rows of transfer keys beside that one';
comment on column auditor.melts.transfer_privs is 'of those keys; null once the commitment was proven';
comment on column auditor.melts.fresh is 'fresh coins';
comment on column auditor.melts.unusable is 'those of them whose denomination does not exist or has no key';
comment on column auditor.melts.cost is 'what the fresh coins cost';
comment on column auditor.melts.proven is 'the number of fresh coins that the commitment was proven to be about';
comment on column auditor.melts.gap is 'whether a fresh coin is missing between others';
comment on column auditor.melts.open is 'whether anything is not as it should be, or not yet';

create table auditor.fresh_coins (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    melt bigint not null,
    serial bigint not null,
    place integer not null,
    denomination bigint not null,
    envelope bytea not null,
    link_sig bytea not null,
    primary key (exchange_id, melt, serial)
);
comment on table auditor.fresh_coins is 'fresh coins of melts whose commitment could not be proven yet';
comment on column auditor.fresh_coins.serial is 'rrc_serial';
comment on column auditor.fresh_coins.place is 'freshcoin_index';
