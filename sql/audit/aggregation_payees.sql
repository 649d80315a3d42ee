-- Remembers by which method each merchant is paid on an account.
insert into auditor.payees (exchange_id, payee, method)
select $1, n.payee, n.method
from unnest($2::bigint[], $3::text[]) as n (payee, method)
on conflict (exchange_id, payee) do nothing
