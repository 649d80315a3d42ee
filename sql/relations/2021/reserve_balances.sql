-- reserve balances: what the exchange itself believes to be in each reserve (mutable)
select
    r.reserve_uuid as serial,
    r.reserve_pub,
    r.current_balance_val,
    r.current_balance_frac,
    r.expiration_date
from :"schema".reserves as r
