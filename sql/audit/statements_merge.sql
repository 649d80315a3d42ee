-- Remembers what was signed in rows of some tables, each statement with the row that booked it first. Its
-- number of rows tells whether all their statements of this run were new. In the first audit of an
-- exchange nothing can be known before: what is signed for different tables differs, but for recoups,
-- and the tables of these come together.
--
-- The offset keeps the look-up a look-up, of one digest along the index: as a join it depends on
-- what PostgreSQL remembers of the table, which is wrong after the books of another exchange
-- were removed. An insertion that expects conflicts takes twice as long, and so do look-ups that
-- find nothing.
insert into auditor.statements (exchange_id, digest, relation, serial)
select distinct on (s.digest) $1::integer, s.digest, s.relation, s.serial
from staged_statements as s
where s.relation = any ($2)
    and ($3 or not exists (select from auditor.statements as k where k.exchange_id = $1 and k.digest = s.digest offset 0))
order by s.digest, s.relation, s.serial
