-- C-33: rows of this run that answer a melt which does not exist.
select o.table_name, o.serial, o.melt
from (
    select 'refresh_revealed_coins' as table_name, f.serial, f.melt from staged_fresh_coins as f
    union all
    select 'refresh_transfer_keys', k.serial, k.melt from staged_transfer_keys as k
) as o
where not exists (select from touched_melts as m where m.serial = o.melt)
order by o.table_name, o.serial
