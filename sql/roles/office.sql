-- :"role" looks at the views of its office, and at nothing else.
alter schema :"views" owner to :"owner";
revoke all on schema :"views" from public;
grant connect on database :"database" to :"role";
grant usage on schema :"views" to :"role";
revoke all on all tables in schema :"views" from public, :"role";
grant select on all tables in schema :"views" to :"role";
