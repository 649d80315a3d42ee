-- Nobody else has business in this database.
revoke all on database :"database" from public;
grant connect, create, temporary on database :"database" to :"owner";
revoke all on schema public, _v from public;
alter schema _v owner to :"owner";
