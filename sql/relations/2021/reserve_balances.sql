-- reserve balances: what the exchange itself believes of each reserve (mutable, but for the account)
select
    r.reserve_uuid as serial,
    r.reserve_pub,
    r.current_balance_val,
    r.current_balance_frac,
    r.expiration_date,
    r.gc_date,
    r.account_details
from :"schema".reserves as r
