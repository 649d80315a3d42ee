-- Those of the serials $2 of the table $1 that an exchange may have collected, or
-- that auditor-dbinit gc removed from the copy for that reason.
select n
from unnest($2::bigint[]) as n
where exists (select from auditor_sync.collectable as c where c.table_name = $1 and c.serial = n)
   or exists (select from auditor_sync.removed as r where r.table_name = $1 and r.from_serial <= n and r.to_serial >= n)
