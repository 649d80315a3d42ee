-- The event log of a network of token servers, in a schema of its own, and what each
-- office may see of it. A database works for one office: what that may not see is dropped
-- before anything is stored, so that it is nowhere here.

create schema event_log;
comment on schema event_log is 'what happened on the servers of a token network';

create table event_log.node (
    office text not null check (office in ('auditor', 'treasurer', 'performance')),
    administrative_services integer[] not null,
    one boolean primary key default true check (one)
);
comment on table event_log.node is 'the office that this database works for, one row, since the first import';
comment on column event_log.node.administrative_services is 'commands that create, delete or administrate';

create table event_log.imports (
    import bigint primary key generated always as identity,
    imported timestamptz not null default pg_catalog.now(),
    file text not null,
    sha256 bytea not null check (pg_catalog.length(sha256) = 32),
    form text not null,
    events bigint not null,
    new_events bigint not null,
    details bigint not null,
    new_details bigint not null,
    contradicting bigint not null,
    dropped bigint not null,
    refused bigint not null
);
comment on table event_log.imports is 'files that were read, with the number of records in each';
comment on column event_log.imports.contradicting is 'events that say something else than one with the same number, which was kept';
comment on column event_log.imports.dropped is 'records that the office may not see';
comment on column event_log.imports.refused is 'broken records';

create table event_log.events (
    at timestamptz not null,
    event_id bigint not null check (event_id between 0 and 4294967295),
    amount bigint check (amount between 0 and 4294967295),
    service integer not null check (service between 0 and 65535),
    nanoseconds integer not null check (nanoseconds between 0 and 65535),
    status integer not null check (status between 0 and 65535),
    user_id uuid,
    ip inet not null,
    primary key (event_id, at),
    check ((user_id is null) = (amount is null))
) partition by range (at);
comment on table event_log.events is 'what servers did for whom, a partition for each month; user and amount are null where the office does not see them';
comment on column event_log.events.nanoseconds is 'of execution; 65535 means so many or more';
create index events_at on event_log.events (at);

create table event_log.event_details (
    event_id bigint not null check (event_id between 0 and 4294967295),
    detail text not null,
    packed boolean not null,
    primary key (event_id, detail, packed)
);
comment on table event_log.event_details is 'what is told of events beside their records';
comment on column event_log.event_details.packed is 'whether it was written with 5 bits for each character';

-- Makes the partitions of months, each given by any time in it, that are not there yet.
-- Partitions belong to the owner of the function, so that who imports owns nothing.
create function event_log.add_months(months timestamptz[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    first timestamp;
    name text;
begin
    for first in select distinct date_trunc('month', m at time zone 'UTC') from unnest(months) as m order by 1 loop
        name := 'events_' || to_char(first, 'YYYY_MM');
        if to_regclass(format('event_log.%I', name)) is null then
            execute format('create table event_log.%I partition of event_log.events for values from (%L) to (%L)',
                name, first at time zone 'UTC', (first + interval '1 month') at time zone 'UTC');
            execute format('create trigger not_emptied before truncate on event_log.%I for each statement execute function event_log.refuse_change()', name);
        end if;
    end loop;
end
$$;

create function event_log.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on %.% refused: what an event log says is never changed or removed', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create trigger only_grows before update or delete on event_log.events for each row execute function event_log.refuse_change();
create trigger only_grows before update or delete or truncate on event_log.event_details for each statement execute function event_log.refuse_change();
create trigger only_grows before update or delete or truncate on event_log.imports for each statement execute function event_log.refuse_change();
create trigger not_emptied before truncate on event_log.events for each statement execute function event_log.refuse_change();

create schema if not exists office_auditor;
create schema if not exists office_treasurer;
create schema if not exists office_performance;

create view office_auditor.events as
select event_id, at, ip, user_id, service, amount, nanoseconds, status from event_log.events;
create view office_treasurer.events as
select event_id, at, ip, user_id, service, amount, nanoseconds, status from event_log.events;
create view office_performance.events as
select at, ip, service, nanoseconds, status from event_log.events
where not service = any ((select administrative_services from event_log.node)::integer[]);
comment on view office_auditor.events is 'who did what on the servers of the token network';
comment on view office_treasurer.events is 'who did what on the servers of the token network';
comment on view office_performance.events is 'what was done on the servers of the token network, but for administration; by nobody in particular';

create view office_auditor.event_details as select event_id, detail from event_log.event_details;
create view office_treasurer.event_details as select event_id, detail from event_log.event_details;
comment on view office_auditor.event_details is 'what is told of events beside their records';
comment on view office_treasurer.event_details is 'what is told of events beside their records';

create view office_auditor.event_node as select office, administrative_services from event_log.node;
create view office_treasurer.event_node as select office, administrative_services from event_log.node;
create view office_performance.event_node as select office, administrative_services from event_log.node;
comment on view office_auditor.event_node is 'the office that the event log was gathered for';
comment on view office_treasurer.event_node is 'the office that the event log was gathered for';
comment on view office_performance.event_node is 'the office that the event log was gathered for';
