-- Layout 2021 of an exchange, second part: keys, auditors and accounts, and the
-- mark of a transfer that failed. The first part already has the columns that the
-- exchange's own second patch adds; where its own tools applied the first one they
-- are missing, and moving data into them is not what this patch does.

do $$
begin
    if not exists (
        select from pg_catalog.pg_attribute
        where attrelid = pg_catalog.to_regclass(pg_catalog.format('%I.reserves', :'schema'))
            and attname = 'reserve_uuid' and not attisdropped
    ) then
        raise exception 'the table reserves has no column reserve_uuid: patch exchange-0001 was applied by the exchange''s own tools, and this patch cannot upgrade their tables'
            using hint = 'upgrade the database with the exchange''s own tools, or initialise an empty database';
    end if;
end
$$;

create table :"schema".auditors (
    auditor_uuid bigserial unique,
    auditor_pub bytea primary key check (length(auditor_pub) = 32),
    auditor_name varchar not null,
    auditor_url varchar not null,
    is_active boolean not null,
    last_change bigint not null
);

create table :"schema".auditor_denom_sigs (
    auditor_denom_serial bigserial unique,
    auditor_uuid bigint not null references :"schema".auditors (auditor_uuid) on delete cascade,
    denominations_serial bigint not null
        references :"schema".denominations (denominations_serial) on delete cascade,
    auditor_sig bytea check (length(auditor_sig) = 64),
    primary key (denominations_serial, auditor_uuid)
);

create table :"schema".exchange_sign_keys (
    esk_serial bigserial unique,
    exchange_pub bytea primary key check (length(exchange_pub) = 32),
    master_sig bytea not null check (length(master_sig) = 64),
    valid_from bigint not null,
    expire_sign bigint not null,
    expire_legal bigint not null
);

create table :"schema".signkey_revocations (
    signkey_revocations_serial_id bigserial unique,
    esk_serial bigint primary key references :"schema".exchange_sign_keys (esk_serial) on delete cascade,
    master_sig bytea not null check (length(master_sig) = 64)
);

create table :"schema".wire_accounts (
    payto_uri varchar primary key,
    master_sig bytea check (length(master_sig) = 64),
    is_active boolean not null,
    last_change bigint not null
);

alter table :"schema".prewire add column failed boolean not null default false;

create index prepare_get_index on :"schema".prewire (failed, finished);
