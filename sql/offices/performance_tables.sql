-- Where the copy of each table stands now, and how far it has grown.
select table_name, state, highest, open_holes, given_up_holes, changed
from office_performance.tables
order by table_name
