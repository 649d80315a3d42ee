-- Remembers what was signed in rows of some tables, each statement with the row that booked it first. Its
-- number of rows tells whether all their statements of this run were new.
insert into auditor.statements (exchange_id, digest, relation, serial)
select distinct on (s.digest) $1::integer, s.digest, s.relation, s.serial
from staged_statements as s
where s.relation = any ($2)
order by s.digest, s.relation, s.serial
on conflict (exchange_id, digest) do nothing
