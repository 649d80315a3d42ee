-- What exchange-0002 needs where the exchange's own tools applied exchange-0001:
-- their tables refer to each other by keys and hashes, ours, and the exchange's own
-- after its second patch, by serial numbers. This moves the references of every row,
-- and afterwards the tables are as if our exchange-0001 had created them.
--
-- Each row is joined with the row that it refers to, and with no other. Nothing is
-- guessed: columns that are not where they are expected, a reference to nothing and
-- one to several rows are errors, after which the database is as it was.

lock table :"schema".denominations, :"schema".denomination_revocations, :"schema".reserves, :"schema".reserves_in,
    :"schema".reserves_close, :"schema".reserves_out, :"schema".known_coins, :"schema".refresh_commitments,
    :"schema".refresh_revealed_coins, :"schema".refresh_transfer_keys, :"schema".deposits, :"schema".refunds,
    :"schema".wire_out, :"schema".aggregation_tracking, :"schema".wire_fee, :"schema".recoup, :"schema".recoup_refresh,
    :"schema".prewire in access exclusive mode;

-- The serials that the tables get, and the order in which rows are numbered: as far as
-- it can be told, that in which they were written. %1$I stands for the schema.
create temporary table new_serials (table_name text, column_name text, ordering text) on commit drop;
insert into pg_temp.new_serials values
    ('reserves', 'reserve_uuid',
        '(select min(i.reserve_in_serial_id) from %1$I.reserves_in as i where i.reserve_pub = t.reserve_pub), t.reserve_pub'),
    ('denominations', 'denominations_serial', 't.valid_from, t.denom_pub_hash'),
    ('wire_fee', 'wire_fee_serial', 't.start_date, t.wire_method'),
    ('refresh_revealed_coins', 'rrc_serial',
        '(select c.melt_serial_id from %1$I.refresh_commitments as c where c.rc = t.rc), t.freshcoin_index'),
    ('refresh_transfer_keys', 'rtc_serial',
        '(select c.melt_serial_id from %1$I.refresh_commitments as c where c.rc = t.rc), t.transfer_pub');

-- The references: columns old_columns of a table hold what parent_columns of its
-- parent hold, and column_name is to hold the parent's serial.
create temporary table new_references (
    table_name text, column_name text, old_columns text[], parent text, parent_columns text[], parent_serial text
) on commit drop;
insert into pg_temp.new_references values
    ('reserves_in', 'reserve_uuid', '{reserve_pub}', 'reserves', '{reserve_pub}', 'reserve_uuid'),
    ('reserves_close', 'reserve_uuid', '{reserve_pub}', 'reserves', '{reserve_pub}', 'reserve_uuid'),
    ('reserves_out', 'reserve_uuid', '{reserve_pub}', 'reserves', '{reserve_pub}', 'reserve_uuid'),
    ('reserves_out', 'denominations_serial', '{denom_pub_hash}', 'denominations', '{denom_pub_hash}', 'denominations_serial'),
    ('denomination_revocations', 'denominations_serial', '{denom_pub_hash}', 'denominations', '{denom_pub_hash}', 'denominations_serial'),
    ('known_coins', 'denominations_serial', '{denom_pub_hash}', 'denominations', '{denom_pub_hash}', 'denominations_serial'),
    ('refresh_revealed_coins', 'denominations_serial', '{denom_pub_hash}', 'denominations', '{denom_pub_hash}', 'denominations_serial'),
    ('refresh_commitments', 'old_known_coin_id', '{old_coin_pub}', 'known_coins', '{coin_pub}', 'known_coin_id'),
    ('refresh_revealed_coins', 'melt_serial_id', '{rc}', 'refresh_commitments', '{rc}', 'melt_serial_id'),
    ('refresh_transfer_keys', 'melt_serial_id', '{rc}', 'refresh_commitments', '{rc}', 'melt_serial_id'),
    ('deposits', 'known_coin_id', '{coin_pub}', 'known_coins', '{coin_pub}', 'known_coin_id'),
    ('refunds', 'deposit_serial_id', '{coin_pub,merchant_pub,h_contract_terms}',
        'deposits', '{coin_pub,merchant_pub,h_contract_terms}', 'deposit_serial_id'),
    ('recoup', 'known_coin_id', '{coin_pub}', 'known_coins', '{coin_pub}', 'known_coin_id'),
    ('recoup', 'reserve_out_serial_id', '{h_blind_ev}', 'reserves_out', '{h_blind_ev}', 'reserve_out_serial_id'),
    ('recoup_refresh', 'known_coin_id', '{coin_pub}', 'known_coins', '{coin_pub}', 'known_coin_id'),
    ('recoup_refresh', 'rrc_serial', '{h_blind_ev}', 'refresh_revealed_coins', '{h_coin_ev}', 'rrc_serial');

-- Are the tables those that we take them for?
do $$
declare
    problems text[];
begin
    select array_agg(format('%s.%s %s', e.table_name, e.column_name, e.problem) order by e.table_name, e.column_name)
    into problems
    from (
        select distinct r.table_name, old.name as column_name, 'is no column of bytes' as problem
        from pg_temp.new_references as r, unnest(r.old_columns) as old (name)
        where not exists (
            select from pg_attribute as a
            where a.attrelid = format('%I.%I', :'schema', r.table_name)::regclass
                and a.attname = old.name and a.atttypid = 'bytea'::regtype and not a.attisdropped
        )
        union all
        select n.table_name, n.column_name, 'exists already'
        from (
            select table_name, column_name from pg_temp.new_serials
            union all select table_name, column_name from pg_temp.new_references
        ) as n
        where exists (
            select from pg_attribute as a
            where a.attrelid = format('%I.%I', :'schema', n.table_name)::regclass
                and a.attname = n.column_name and not a.attisdropped
        )
    ) as e;
    if problems is not null then
        raise exception 'these are not the tables of the exchange''s own first patch: %', array_to_string(problems, ', ')
            using hint = 'upgrade the database with the exchange''s own tools of its release';
    end if;
end
$$;

do $$
declare
    s record;
    last bigint;
begin
    for s in select n.*, format('%I.%I', :'schema', n.table_name) as relation,
            format('%I.%I', :'schema', n.table_name || '_' || n.column_name || '_seq') as sequence
        from pg_temp.new_serials as n
    loop
        execute format('alter table %s add column %I bigint', s.relation, s.column_name);
        execute format('update %1$s as r set %2$I = n.number from (
                select t.ctid as place, row_number() over (order by %3$s) as number from %1$s as t
            ) as n where n.place = r.ctid', s.relation, s.column_name, format(s.ordering, :'schema'));
        execute format('create sequence %s owned by %s.%I', s.sequence, s.relation, s.column_name);
        execute format('select max(%I) from %s', s.column_name, s.relation) into last;
        perform setval(s.sequence::regclass, coalesce(last, 1), last is not null);
        execute format('alter table %s alter column %I set default nextval(%L), alter column %I set not null, add unique (%I)',
            s.relation, s.column_name, s.sequence, s.column_name, s.column_name);
    end loop;
end
$$;

do $$
declare
    r record;
    rows bigint;
begin
    for r in select n.*, format('%I.%I', :'schema', n.table_name) as relation,
            format('%I.%I', :'schema', n.parent) as parent_relation,
            (select string_agg(format('p.%I = t.%I', k.parent_column, k.old_column), ' and ')
                from unnest(n.old_columns, n.parent_columns) as k (old_column, parent_column)) as condition,
            (select string_agg(format('p.%I', k), ', ') from unnest(n.parent_columns) as k) as parent_key
        from pg_temp.new_references as n
    loop
        execute format('select count(*) from %s as t where exists (
                select from %s as p where %s group by %s having count(*) > 1)',
            r.relation, r.parent_relation, r.condition, r.parent_key) into rows;
        if rows > 0 then
            raise exception '% rows of % refer to several rows of % each', rows, r.table_name, r.parent
                using hint = 'correct the rows, or upgrade the database with the exchange''s own tools of its release';
        end if;
        execute format('alter table %s add column %I bigint', r.relation, r.column_name);
        execute format('update %s as t set %I = p.%I from %s as p where %s',
            r.relation, r.column_name, r.parent_serial, r.parent_relation, r.condition);
        execute format('select count(*) from %s where %I is null', r.relation, r.column_name) into rows;
        if rows > 0 then
            raise exception '% rows of % refer to no row of %', rows, r.table_name, r.parent
                using hint = 'correct the rows, or upgrade the database with the exchange''s own tools of its release';
        end if;
    end loop;

    -- All rows have found their parents: the old columns go, with the keys and indexes
    -- on them, as in the exchange's own second patch.
    for r in select distinct n.table_name, old.name from pg_temp.new_references as n, unnest(n.old_columns) as old (name)
    loop
        execute format('alter table %I.%I drop column %I', :'schema', r.table_name, r.name);
    end loop;
    for r in select n.* from pg_temp.new_references as n
    loop
        execute format('alter table %1$I.%2$I alter column %3$I set not null,
                add foreign key (%3$I) references %1$I.%4$I (%5$I) on delete cascade',
            :'schema', r.table_name, r.column_name, r.parent, r.parent_serial);
    end loop;
end
$$;

alter table :"schema".denomination_revocations add constraint denominations_serial_pk primary key (denominations_serial);

-- The key of the exchange is the same in all rows, and the exchange's second release
-- would not write it.
do $$
declare
    keys bigint;
begin
    if exists (
        select from pg_attribute as a
        where a.attrelid = format('%I.denominations', :'schema')::regclass
            and a.attname = 'master_pub' and not a.attisdropped
    ) then
        execute format('select count(distinct master_pub) from %I.denominations', :'schema') into keys;
        if keys > 1 then
            raise exception 'the denominations belong to % exchanges', keys
                using hint = 'move the rows of each exchange into a database of its own';
        end if;
        execute format('alter table %I.denominations drop column master_pub', :'schema');
    end if;
end
$$;
