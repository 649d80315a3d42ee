-- altered deposits: those of the given deposits that are gone or no longer what
-- they were, by their place in the list. Each is looked up along the primary key.
select p.place
from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::integer[])
    with ordinality as p (
        serial, known_coin_id, merchant_pub, h_contract_terms, h_wire, exchange_timestamp, refund_deadline, amount_val, amount_frac, place)
left join lateral (
    select *
    from :"schema".deposits as d
    where d.deposit_serial_id = p.serial
    offset 0
) as d on true
where d.deposit_serial_id is null
    or (d.known_coin_id, d.merchant_pub, d.h_contract_terms, d.h_wire, d.exchange_timestamp, d.refund_deadline, d.amount_with_fee_val, d.amount_with_fee_frac)
        is distinct from
        (p.known_coin_id, p.merchant_pub, p.h_contract_terms, p.h_wire, p.exchange_timestamp, p.refund_deadline, p.amount_val, p.amount_frac)
order by p.place
