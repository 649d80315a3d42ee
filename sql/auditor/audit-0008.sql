-- The memory of audits: reports byte for byte, who acknowledged which finding, when
-- findings held, and what the trusted copy held when each report was made.

-- The next report names the SHA-256 of these bytes, so they are never written anew.
alter table auditor.runs
    alter column report type bytea using convert_to(report::text, 'UTF8'),
    add column note text;
alter table auditor.runs
    add column digest bytea not null generated always as (sha256(report)) stored;
comment on column auditor.runs.report is 'the report in its JSON form, UTF-8, byte for byte as it was published';
comment on column auditor.runs.note is 'checkpoint of all reports up to this one, perhaps signed; null in reports older than this column';

-- Acknowledgements are added, never changed. The last one of a finding counts,
-- unless it withdraws the one before. The other columns say what was acknowledged.
create table auditor.acknowledgements (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    identity bytea not null check (length(identity) = 32),
    number bigint generated always as identity,
    entered timestamptz not null,
    name text not null check (name <> ''),
    reason text not null check (reason <> ''),
    withdrawn boolean not null,
    severity text not null,
    loss numeric(30,8),
    exposure numeric(30,8),
    gain numeric(30,8),
    since_run bigint not null,
    primary key (exchange_id, identity, number)
);
comment on table auditor.acknowledgements is 'who knows of a finding, and why it need not be reported as a new one';
comment on column auditor.acknowledgements.withdrawn is 'whether this takes the acknowledgement before it back';

create table auditor.finding_periods (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    identity bytea not null check (length(identity) = 32),
    from_run bigint not null,
    until_run bigint not null check (until_run > from_run),
    primary key (exchange_id, identity, from_run)
);
comment on table auditor.finding_periods is 'when findings held that were resolved and came back: from one run until before another';

create table auditor.copied_chunks (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    table_name text not null,
    number bigint not null,
    run bigint not null,
    rows integer not null check (rows between 1 and 1024),
    present bytea not null check (length(present) = 128),
    root bytea not null check (length(root) = 32),
    primary key (exchange_id, table_name, number, run)
);
comment on table auditor.copied_chunks is
    'the evidence of auditor-sync for 1024 serials each, as each run found it; a chunk that is as it was is not repeated';

-- The acknowledgements in force. One has lapsed where the finding became graver or
-- dearer since, or was resolved and came back.
create view auditor.acknowledged as
select
    a.exchange_id, a.identity, a.entered, a.name, a.reason,
    f.since_run > a.since_run
        or array_position(array['notice', 'inconsistency', 'exposure', 'loss'], f.severity)
            > array_position(array['notice', 'inconsistency', 'exposure', 'loss'], a.severity)
        or coalesce(f.loss, 0) > coalesce(a.loss, 0)
        or coalesce(f.exposure, 0) > coalesce(a.exposure, 0)
        or coalesce(f.gain, 0) > coalesce(a.gain, 0) as lapsed
from (
    select distinct on (exchange_id, identity) *
    from auditor.acknowledgements
    order by exchange_id, identity, number desc
) as a
join auditor.findings as f on f.exchange_id = a.exchange_id and f.identity = a.identity
where not a.withdrawn;
comment on view auditor.acknowledged is 'the acknowledgements in force, and whether the finding has outgrown them';
