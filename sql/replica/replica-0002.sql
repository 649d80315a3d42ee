-- What makes a trusted copy one that only grows, and what is remembered of the
-- rows that were collected as garbage.

-- The rows that auditor-dbinit gc removed, by ranges of serials: each serial from
-- from_serial to to_serial was in the copy, and is not any more. The digest is
-- SHA-256 over the SHA-256 of each row, in the order of serials; that of a row is
-- over its tuple in binary COPY format: the serial, then the other columns in the
-- order of the registry, mutable columns left out.
create table auditor_sync.removed (
    table_name text not null,
    from_serial bigint not null,
    to_serial bigint not null check (to_serial >= from_serial),
    rows bigint generated always as (to_serial - from_serial + 1) stored,
    sha256 bytea not null check (length(sha256) = 32),
    as_of timestamptz not null,
    removed_at timestamptz not null default now(),
    primary key (table_name, from_serial)
);
comment on table auditor_sync.removed is 'rows that were collected as garbage, by ranges of serials without a hole';
comment on column auditor_sync.removed.as_of is 'the time at which they might be collected';

-- What the removed withdrawals and recoups did to reserves that are still there:
-- without it their balances could no longer be computed.
create table auditor_sync.carried_reserves (
    reserve_uuid bigint primary key references :"schema".reserves (reserve_uuid) on delete cascade,
    balance numeric not null,
    last_withdrawal bigint,
    last_recoup bigint
);
comment on table auditor_sync.carried_reserves is 'recoups less withdrawals that were collected as garbage, and the times of the last ones';

-- A database becomes a trusted copy with the first pass of auditor-sync. Until then
-- an exchange may run on it, or a database may be restored into it; from then on
-- rows are only added. The one exception is the transaction of auditor-dbinit gc,
-- which gives the setting the number of its own transaction, so that no session or
-- role can be set up to be excepted.
create function auditor_sync.refuse_change() returns trigger language plpgsql as $$
begin
    if not exists (select from auditor_sync.passes) then
        return null;
    end if;
    if tg_op = 'DELETE'
        and pg_catalog.current_setting('auditor_sync.gc', true) = pg_catalog.pg_current_xact_id()::pg_catalog.text then
        return null;
    end if;
    raise exception '% on %.% refused: rows of a trusted copy are never changed or removed', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege',
        hint = 'auditor-dbinit gc removes what may be removed; auditor-dbinit restore writes a database for an exchange to run on';
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array[
        'exchange_sign_keys', 'signkey_revocations', 'auditors', 'denominations', 'denomination_revocations',
        'auditor_denom_sigs', 'wire_fee', 'reserves', 'reserves_out', 'reserves_in', 'reserves_close', 'known_coins',
        'deposits', 'refunds', 'refresh_commitments', 'refresh_transfer_keys', 'refresh_revealed_coins',
        'recoup_refresh', 'recoup', 'wire_out', 'aggregation_tracking'
    ] loop
        execute pg_catalog.format('create trigger only_grows before update or delete or truncate on %I.%I
            for each statement execute function auditor_sync.refuse_change()', :'schema', name);
        execute pg_catalog.format('alter table %I.%I enable always trigger only_grows', :'schema', name);
    end loop;
end
$$;
