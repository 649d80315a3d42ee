-- Remembers what was signed, each statement with the row that booked it first, and
-- counts the statements of this run and those of them that were new.
with kept as (
    insert into auditor.statements (exchange_id, digest, relation, serial)
    select distinct on (s.digest) $1::integer, s.digest, s.relation, s.serial
    from staged_statements as s
    order by s.digest, s.relation, s.serial
    on conflict (exchange_id, digest) do nothing
    returning 1
)
select (select count(*) from staged_statements), (select count(*) from kept)
