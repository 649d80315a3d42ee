-- Findings follow from the rows alone, not from when they were audited.

-- Of each quarter of an hour the first and the last row that is dated in it tell whether
-- rows are dated in the order of their serials.

create table auditor.quarters (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    area text not null,
    table_name text not null,
    quarter bigint not null,
    first_serial bigint not null,
    first_at bigint not null,
    last_serial bigint not null,
    last_at bigint not null,
    primary key (exchange_id, area, table_name, quarter)
);
comment on table auditor.quarters is 'of tables whose dates follow the order of their serials, the rows with the first and the last serial that are dated in a quarter of an hour';
comment on column auditor.quarters.quarter is 'in quarters of an hour since 1970';
comment on column auditor.quarters.first_at is 'date of the first row, in microseconds since 1970';
comment on column auditor.quarters.last_at is 'date of the last row, in microseconds since 1970';

-- Of what was audited before, only the latest date is known, and that of each transfer.
insert into auditor.quarters
select p.exchange_id, p.area, p.table_name, d.latest / 900000000, p.next_serial - 1, d.latest, p.next_serial - 1, d.latest
from auditor.progress as p
join (
    select l.exchange_id, 'coins', l.table_name, l.latest
    from auditor.latest_dates as l
    union all
    select r.exchange_id, 'reserves', t.name, max(greatest(r.last_use, r.last_closing))
    from auditor.reserves as r, (values ('reserves_out'), ('recoup'), ('reserves_close')) as t (name)
    group by r.exchange_id, t.name
) as d (exchange_id, area, table_name, latest) using (exchange_id, area, table_name)
where d.latest <= (select max(extract(epoch from r.as_of)) * 1000000 from auditor.runs as r where r.exchange_id = p.exchange_id);

insert into auditor.quarters
select
    t.exchange_id, 'aggregation', 'wire_out', t.at / 900000000,
    (min(array[t.serial, t.at]))[1], (min(array[t.serial, t.at]))[2],
    (max(array[t.serial, t.at]))[1], (max(array[t.serial, t.at]))[2]
from auditor.transfers as t
where t.at is not null
group by t.exchange_id, t.at / 900000000;

drop table auditor.latest_dates;
drop index auditor.reserves_latest;

-- A second set of transfer keys, which may come later, takes the ground from under the
-- finding that a fresh coin is not signed by the coin that was melted for it.
create table auditor.unlinked_coins (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null,
    melt bigint not null,
    coin_pub bytea not null check (length(coin_pub) = 32),
    denom_pub_hash bytea not null check (length(denom_pub_hash) = 64),
    envelope_hash bytea not null check (length(envelope_hash) = 64),
    primary key (exchange_id, serial, melt)
);
comment on table auditor.unlinked_coins is 'fresh coins that the coins which were melted for them did not sign';
comment on column auditor.unlinked_coins.serial is 'rrc_serial of the fresh coin';
comment on column auditor.unlinked_coins.coin_pub is 'the coin that was melted';

-- A credit or another closing that comes to light later may justify a closing, or not any
-- more: what is wrong with closings is judged anew when something happened to their
-- reserves.
create table auditor.reserve_credits (
    exchange_id integer not null,
    reserve_pub bytea not null check (length(reserve_pub) = 32),
    at bigint not null,
    expiration bigint not null,
    primary key (exchange_id, reserve_pub, at)
);
comment on table auditor.reserve_credits is 'when each reserve was credited, by a transfer or by a recoup';
comment on column auditor.reserve_credits.expiration is 'when the reserve expires, by this credit';

create table auditor.closings (
    exchange_id integer not null,
    serial bigint not null,
    reserve_pub bytea not null check (length(reserve_pub) = 32),
    at bigint not null,
    receiver text not null,
    amount_val bigint not null,
    amount_frac integer not null,
    fee_val bigint,
    fee_frac integer,
    due_val bigint,
    due_frac integer,
    wrong boolean not null,
    primary key (exchange_id, serial)
);
create index closings_reserve on auditor.closings (exchange_id, reserve_pub, at);
create index closings_wrong on auditor.closings (exchange_id, serial) where wrong;
comment on table auditor.closings is 'closings of reserves';
comment on column auditor.closings.fee_val is 'null: an audit before this patch judged the closing, except for its receiver';
comment on column auditor.closings.due_val is 'the fee in force when the reserve expired; null: it cannot be told';
comment on column auditor.closings.wrong is 'some finding is about it';

insert into auditor.reserve_credits (exchange_id, reserve_pub, at, expiration)
select r.exchange_id, r.reserve_pub, r.last_credit, r.expiration
from auditor.reserves as r
where r.last_credit is not null and r.expiration is not null;

insert into auditor.closings (exchange_id, serial, reserve_pub, at, receiver, amount_val, amount_frac, wrong)
select m.exchange_id, m.serial, m.reserve_pub, m.at, m.receiver, m.amount_val, m.amount_frac, true
from auditor.misdirected_closings as m;

drop table auditor.misdirected_closings;

-- Whether what a merchant is owed is too little to be wired hangs on the fee of the
-- method by which he is paid, which is to be known after his deposits were collected as
-- garbage.
create table auditor.payees (
    exchange_id integer not null,
    payee bigint not null,
    method text not null,
    primary key (exchange_id, payee)
);
comment on table auditor.payees is 'payment methods of merchants on their accounts, by the digests that auditor.obligations names them by';

create or replace function auditor.empty_books() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    delete from auditor.reserves where exchange_id = old.exchange_id;
    delete from auditor.reserve_origins where exchange_id = old.exchange_id;
    delete from auditor.reserve_credits where exchange_id = old.exchange_id;
    delete from auditor.payees where exchange_id = old.exchange_id;
    delete from auditor.closings where exchange_id = old.exchange_id;
    delete from auditor.credits where exchange_id = old.exchange_id;
    delete from auditor.statements where exchange_id = old.exchange_id;
    delete from auditor.coins where exchange_id = old.exchange_id;
    delete from auditor.refunded_deposits where exchange_id = old.exchange_id;
    delete from auditor.melts where exchange_id = old.exchange_id;
    delete from auditor.fresh_coins where exchange_id = old.exchange_id;
    delete from auditor.obligations where exchange_id = old.exchange_id;
    delete from auditor.transfers where exchange_id = old.exchange_id;
    return old;
end
$$;

-- Without statistics, or with such that do not know an exchange yet, PostgreSQL takes its
-- rows for few, and plans as if they were. So audits collect statistics, and do not wait
-- for a server that will get to it.
create function auditor.collect_statistics(names text[], anew boolean) returns void
language plpgsql security definer set search_path = pg_catalog set default_statistics_target = 10 as $$
declare
    found regclass;
begin
    for found in
        select c.oid
        from pg_class as c
        where c.relnamespace = 'auditor'::regnamespace and c.relkind = 'r'
            and (names is null or c.relname = any (names))
            and pg_relation_size(c.oid) / current_setting('block_size')::bigint > case when anew then 0 else 2 * c.relpages end + 8
        order by c.oid
    loop
        execute format('analyze (skip_locked) %s', found);
    end loop;
end
$$;
comment on function auditor.collect_statistics(text[], boolean) is
    'collects statistics of the named tables, or of all, if they are more than twice as large as when that was done last, or anew';
