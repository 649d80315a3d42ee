-- The books of coins and of their denominations.

create table auditor.denominations (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    denomination bigint not null,
    denom_pub_hash bytea not null check (length(denom_pub_hash) = 64),
    value numeric(30,8) not null,
    fee_deposit numeric(30,8) not null,
    valid_from bigint not null,
    expire_deposit bigint not null,
    issued bigint not null default 0,
    known bigint not null default 0,
    issued_value numeric(30,8) not null default 0,
    outstanding numeric(30,8) not null default 0,
    primary key (exchange_id, denomination)
);
comment on table auditor.denominations is 'what was issued of each denomination and what of it is still to be paid for, however long ago the exchange forgot it; key and terms are those that were seen first';
comment on column auditor.denominations.denomination is 'denominations_serial';
comment on column auditor.denominations.issued is 'coins withdrawn and revealed';
comment on column auditor.denominations.known is 'coins that the exchange has seen again and that it has signed';
comment on column auditor.denominations.issued_value is 'value of the coins issued, and what refunds gave back to coins';
comment on column auditor.denominations.outstanding is 'what its coins can still be spent for; negative where more was spent than was issued';

create table auditor.coins (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    coin bigint not null,
    denomination bigint not null,
    coin_pub bytea check (length(coin_pub) = 32),
    value numeric(30,8) not null,
    spent numeric(30,8) not null,
    returned numeric(30,8) not null,
    refunded boolean not null,
    genuine boolean not null,
    primary key (exchange_id, coin)
);
create index coins_overspent on auditor.coins (exchange_id, coin) where spent > value + returned;
create index coins_false on auditor.coins (exchange_id, coin) where not genuine;
comment on table auditor.coins is 'what each coin that the exchange has seen again was spent for';
comment on column auditor.coins.coin is 'known_coin_id';
comment on column auditor.coins.coin_pub is 'null while the row of known_coins has not been judged';
comment on column auditor.coins.value is 'of its denomination';
comment on column auditor.coins.spent is 'by deposits, melts and recoups';
comment on column auditor.coins.returned is 'by refunds, less their fees; by one deposit fee if there ever was a refund; by recoups of coins that it was melted for';
comment on column auditor.coins.refunded is 'whether there ever was a refund';
comment on column auditor.coins.genuine is 'whether its denomination has signed it';

create table auditor.refunded_deposits (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    deposit bigint not null,
    primary key (exchange_id, deposit)
);
comment on table auditor.refunded_deposits is 'deposits that had a refund: their merchants are spared the deposit fee, once';
comment on column auditor.refunded_deposits.deposit is 'deposit_serial_id';

comment on column auditor.statements.relation is
    '1 reserves_out, 2 deposits, 3 refresh_commitments, 4 refresh_revealed_coins, 5 refunds, 6 recoup, 7 recoup_refresh, 8 known_coins';

create table auditor.latest_dates (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    table_name text not null,
    latest bigint not null,
    primary key (exchange_id, table_name)
);
comment on table auditor.latest_dates is 'the latest date of all rows judged, of tables whose dates follow the order of their serials';
