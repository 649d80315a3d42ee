-- C-11: coins that were spent for more than they were worth.
select c.coin, c.coin_pub, d.denom_pub_hash, (c.spent - c.value - c.returned)::text, c.spent::text, (c.value + c.returned)::text
from auditor.coins as c
join auditor.denominations as d on d.exchange_id = c.exchange_id and d.denomination = c.denomination
where c.exchange_id = $1 and c.spent > c.value + c.returned
order by c.coin
