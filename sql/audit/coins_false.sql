-- C-10: coins that their denomination has not signed, with what the exchange lost by them.
select c.coin, c.coin_pub, d.denom_pub_hash, greatest(c.spent - c.returned, 0)::text, c.spent::text, c.returned::text
from auditor.coins as c
join auditor.denominations as d on d.exchange_id = c.exchange_id and d.denomination = c.denomination
where c.exchange_id = $1 and not c.genuine
order by c.coin
