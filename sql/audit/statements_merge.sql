-- Remembers what was signed, each statement with the row that booked it first. Its
-- number of rows tells whether all statements of this run were new.
insert into auditor.statements (exchange_id, digest, relation, serial)
select distinct on (s.digest) $1::integer, s.digest, s.relation, s.serial
from staged_statements as s
where not exists (select from auditor.statements as k where k.exchange_id = $1 and k.digest = s.digest)
order by s.digest, s.relation, s.serial
