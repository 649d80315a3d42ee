-- What merchants are owed, and what they were paid.

create table auditor.obligations (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    deposit bigint not null,
    payee bigint,
    amount numeric(30,8),
    fee numeric(30,8),
    refunded numeric(30,8) not null,
    refunds bigint not null,
    owed numeric(30,8) not null generated always as
        (greatest(case when refunds > 0 then amount - refunded else amount - fee end, 0)) stored,
    due bigint,
    wire_deadline bigint,
    transfer bigint,
    trackings bigint not null,
    diverted bigint,
    primary key (exchange_id, deposit)
);
create index obligations_open on auditor.obligations (exchange_id, due) include (owed) where transfer is null and owed > 0;
create index obligations_refunded_too_much on auditor.obligations (exchange_id, deposit) where refunded > amount;
create index obligations_paid_twice on auditor.obligations (exchange_id, deposit) where trackings > 1;
create index obligations_diverted on auditor.obligations (exchange_id, deposit) where diverted is not null;
comment on table auditor.obligations is 'the deposits, as debts to merchants; all but the serial is null for one that cannot be read';
comment on column auditor.obligations.payee is 'first 64 bits of the SHA-256 of the merchant''s key and the hash of the account';
comment on column auditor.obligations.owed is 'the deposit less its fee, or, once anything was refunded, less the refunds';
comment on column auditor.obligations.due is 'the wire deadline at first sight, or the refund deadline if that is later, but not later than the policy allows';
comment on column auditor.obligations.transfer is 'wireout_uuid of the transfer that pays it; the lowest if there are several';
comment on column auditor.obligations.trackings is 'how many rows say that it is part of a transfer';
comment on column auditor.obligations.diverted is 'aggregation_serial_id of a row by which a transfer to another account pays it';

create table auditor.transfers (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null,
    at bigint,
    amount numeric(30,8),
    method text,
    fee numeric(30,8),
    unit numeric(30,8) not null,
    total numeric(30,8) not null,
    deposits bigint not null,
    due bigint,
    expected numeric(30,8) not null generated always as (
        case when total < fee then total else total - coalesce(fee, 0) end
        - coalesce(mod(
            mod(case when total < fee then total else total - coalesce(fee, 0) end,
                case when unit < 1 then 1 else unit end),
            nullif(unit, 0)), 0)) stored,
    primary key (exchange_id, serial)
);
create index transfers_latest on auditor.transfers (exchange_id, at);
create index transfers_wrong on auditor.transfers (exchange_id, serial) where amount <> expected;
create index transfers_below_fee on auditor.transfers (exchange_id, serial) where total < fee;
create index transfers_without_fee on auditor.transfers (exchange_id, serial) where fee is null and amount is not null;
create index transfers_early on auditor.transfers (exchange_id, serial) where due > at;
comment on table auditor.transfers is 'the transfers to merchants, with what the deposits that they pay earn';
comment on column auditor.transfers.amount is 'as wired; null if it cannot be judged, because the row cannot be read or names no account';
comment on column auditor.transfers.fee is 'wire fee of the method at that time; null if there is no single one';
comment on column auditor.transfers.unit is 'to a multiple of which the exchange rounds down';
comment on column auditor.transfers.due is 'when the first of its deposits was due';
comment on column auditor.transfers.expected is 'the total less the fee, which is spared where it takes more than there is, rounded down';

create table auditor.dangling_trackings (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null,
    deposit bigint not null,
    primary key (exchange_id, serial)
);
comment on table auditor.dangling_trackings is 'rows that say that a transfer pays a deposit, when there is no such transfer';
