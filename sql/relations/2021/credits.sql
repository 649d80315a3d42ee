-- credits: transfers from customers that the exchange says it received
select
    c.reserve_in_serial_id as serial,
    r.reserve_pub,
    c.credit_val,
    c.credit_frac,
    c.execution_date,
    c.sender_account_details,
    c.exchange_account_section,
    c.wire_reference
from :"schema".reserves_in as c
left join :"schema".reserves as r on r.reserve_uuid = c.reserve_uuid
