-- issued: those of the given denominations of which the exchange signed coins
select w.denominations_serial
from :"schema".reserves_out as w
where w.denominations_serial = any ($1)
union
select r.denominations_serial
from :"schema".refresh_revealed_coins as r
where r.denominations_serial = any ($1)
