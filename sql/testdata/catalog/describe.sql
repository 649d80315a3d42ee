-- Everything that defines the tables of schema public, one line each, names of
-- constraints, indexes and sequences included, the order of columns left out.
select line from (
    select format('column %s.%s %s%s default %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        coalesce(pg_get_expr(d.adbin, d.adrelid), 'none')) as line
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union all
    select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
    from pg_constraint
    where connamespace = 'public'::regnamespace
    union all
    select pg_get_indexdef(x.indexrelid)
    from pg_index x
    join pg_class c on c.oid = x.indrelid
    where c.relnamespace = 'public'::regnamespace
    union all
    select format('sequence %s: %s from %s by %s to %s, owned by %s.%s', s.seqrelid::regclass, s.seqtypid::regtype,
        s.seqstart, s.seqincrement, s.seqmax, a.attrelid::regclass, a.attname)
    from pg_sequence s
    join pg_class c on c.oid = s.seqrelid
    left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.seqrelid and d.deptype = 'a'
    left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where c.relnamespace = 'public'::regnamespace
    union all
    select format('%s %s', relkind, relname)
    from pg_class
    where relnamespace = 'public'::regnamespace
) as lines
order by line collate "C"
