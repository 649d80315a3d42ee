-- When the audit of an exchange began anew, and by whose hand: reports go on to be
-- numbered, so that readers must be able to learn why one of them knows no earlier
-- findings.

create table auditor.restarts (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    restarted timestamptz not null default now(),
    restarted_by text not null default current_user,
    last_run bigint not null,
    forced boolean not null,
    primary key (exchange_id, restarted)
);
comment on table auditor.restarts is 'when an audit was told to judge everything anew';
comment on column auditor.restarts.last_run is 'number of the last report before; 0 if there was none';
comment on column auditor.restarts.forced is 'rows that had been judged were missing already';
