-- The role :"role", which :about.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = :'role') then
        create role :"role";
    end if;
    if exists (
        select from pg_catalog.pg_roles
        where rolname = :'role' and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
    ) then
        raise exception 'role % may do more than any of our programs should', pg_catalog.quote_ident(:'role')
            using hint = 'choose another name for it, or take superuser, createrole, createdb, replication and bypassrls from it';
    end if;
end
$$;
alter role :"role" login;
