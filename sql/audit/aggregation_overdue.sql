-- W-17: deposits that were due before the given time and that no transfer paid,
-- where together the merchant is owed at least $3 on that account. The last three
-- columns are that sum, when the last of these deposits was due, and the payment method.
with overdue as (
    select o.deposit, o.payee, o.amount, o.refunded, o.owed, o.due, o.transfer
    from auditor.obligations as o
    where o.exchange_id = $1 and o.transfer is null and o.owed > 0 and o.due < $2
), payees as (
    select
        o.payee, sum(o.owed) as owed, max(o.due) as latest,
        (select m.method from auditor.payees as m where m.exchange_id = $1 and m.payee = o.payee) as method
    from overdue as o
    group by o.payee
)
select o.deposit, o.amount::text, o.refunded::text, o.owed::text, o.due, o.transfer, p.owed::text, p.latest, p.method
from overdue as o
join payees as p on p.payee = o.payee
where p.owed >= $3::numeric
order by o.deposit
