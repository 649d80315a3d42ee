-- The accounts that most was spent at, over all times that overlap with the period.
select coalesce(account, '(no account)') as account, deposits, spent, refunds, refunded, first, last
from office_auditor.merchants, period
where last >= period.since and first < period.until
order by spent desc, account
