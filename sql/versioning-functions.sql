-- The functions with which scripts of the exchange's own tools register and check
-- patches. Installed only where the versioning schema is new, so that those of
-- another tool are never replaced. Each reports failure as an exception.

create function _v.register_patch(in_patch_name text, in_requirements text[], in_conflicts text[], out versioning int4)
returns setof int4 language plpgsql as $$
declare
    found_patch text;
begin
    lock table _v.patches in exclusive mode;
    if exists (select from _v.patches where patch_name = in_patch_name) then
        raise exception 'patch % is already applied', in_patch_name;
    end if;
    select patch_name into found_patch from _v.patches
        where patch_name = any (in_conflicts) order by patch_name limit 1;
    if found then
        raise exception 'patch % conflicts with %, which is applied', in_patch_name, found_patch;
    end if;
    select required into found_patch from unnest(in_requirements) as required
        where required not in (select patch_name from _v.patches) order by required limit 1;
    if found then
        raise exception 'patch % requires %, which is not applied', in_patch_name, found_patch;
    end if;
    insert into _v.patches (patch_name, applied_tsz, applied_by, requires, conflicts)
    values (in_patch_name, now(), current_user, coalesce(in_requirements, '{}'), coalesce(in_conflicts, '{}'));
end
$$;

create function _v.register_patch(text, text[])
returns setof int4 language sql as 'select _v.register_patch($1, $2, null)';

create function _v.register_patch(text)
returns setof int4 language sql as 'select _v.register_patch($1, null, null)';

create function _v.unregister_patch(in_patch_name text, out versioning int4)
returns setof int4 language plpgsql as $$
declare
    dependent text;
begin
    lock table _v.patches in exclusive mode;
    select patch_name into dependent from _v.patches
        where in_patch_name = any (requires) order by patch_name limit 1;
    if found then
        raise exception 'patch % is required by %', in_patch_name, dependent;
    end if;
    delete from _v.patches where patch_name = in_patch_name;
    if not found then
        raise exception 'patch % is not applied', in_patch_name;
    end if;
end
$$;

create function _v.assert_patch_is_applied(in_patch_name text)
returns text language plpgsql as $$
begin
    if not exists (select from _v.patches where patch_name = in_patch_name) then
        raise exception 'patch % is not applied', in_patch_name;
    end if;
    return format('patch %s is applied', in_patch_name);
end
$$;

create function _v.assert_user_is_superuser()
returns text language plpgsql as $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
        raise exception 'user % is not a superuser', current_user;
    end if;
    return format('user %s is a superuser', current_user);
end
$$;

create function _v.assert_user_is_not_superuser()
returns text language plpgsql as $$
begin
    if exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
        raise exception 'user % is a superuser', current_user;
    end if;
    return format('user %s is not a superuser', current_user);
end
$$;

create function _v.assert_user_is_one_of(variadic p_acceptable_users text[])
returns text language plpgsql as $$
begin
    if current_user <> all (p_acceptable_users) then
        raise exception 'user % is none of: %', current_user, array_to_string(p_acceptable_users, ', ');
    end if;
    return format('user %s is acceptable', current_user);
end
$$;
