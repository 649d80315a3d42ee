-- Bookkeeping of auditor-sync, beside the tables of the exchange in the trusted
-- copy: what was done when. The tables of the exchange are in :"schema".

create schema auditor_sync;

-- A pass reads all tables of the source in one snapshot and copies what is new.
-- It is unfinished while it runs, and for good if it was interrupted.
create table auditor_sync.passes (
    pass bigint generated always as identity primary key,
    started timestamptz not null,
    finished timestamptz,
    rows bigint not null default 0 check (rows >= 0)
);
