-- Here :"reader" (auditor-sync) and :"auditor" (audits with -i) may read the
-- exchange's tables, and nothing else. What others may do stays as it is.
grant connect on database :"database" to :"reader", :"auditor";
grant usage on schema :"schema" to :"reader", :"auditor";
revoke all on all tables in schema :"schema" from :"reader", :"auditor";
grant select on :replicated to :"reader";
grant select on :every to :"auditor";
alter role :"reader" in database :"database" set default_transaction_read_only = on;
alter role :"auditor" in database :"database" set default_transaction_read_only = on;
