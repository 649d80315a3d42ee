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
