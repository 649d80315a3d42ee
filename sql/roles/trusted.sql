-- Here :"writer" (auditor-sync) adds rows, which not even it can change or remove;
-- :"auditor" reads; :"owner" (auditor-dbinit) owns it all.
revoke all on schema :"schema", auditor_sync from public;
grant usage, create on schema :"schema" to :"owner";
alter schema auditor_sync owner to :"owner";

grant connect on database :"database" to :"writer", :"auditor";
grant usage on schema :"schema", auditor_sync, _v to :"writer", :"auditor";
grant select on _v.patches to :"writer", :"auditor";

revoke all on all tables in schema :"schema" from :"writer", :"auditor";
grant select, insert on :replicated to :"writer";
grant select on :every to :"auditor";

revoke all on all tables in schema auditor_sync from :"writer", :"auditor";
grant select, insert, update on all tables in schema auditor_sync to :"writer";
grant delete on auditor_sync.holes, auditor_sync.collectable to :"writer";
revoke insert, update on auditor_sync.removed, auditor_sync.carried_reserves from :"writer";
grant usage on all sequences in schema auditor_sync to :"writer";
grant select on all tables in schema auditor_sync to :"auditor";
