-- The record of applied patches, compatible with the versioning schema that the
-- exchange's own tools install. Running this again, or on a database of theirs,
-- only adds what is missing. The checksum is ours: null for patches that other
-- tools applied.

create schema if not exists _v;

create table if not exists _v.patches (
    patch_name text primary key,
    applied_tsz timestamptz not null default now(),
    applied_by text not null,
    requires text[],
    conflicts text[]
);

alter table _v.patches add column if not exists sha256 bytea check (length(sha256) = 32);
