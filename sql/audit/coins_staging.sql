-- What one run gathers about coins before it is folded into their state.
create temporary table staged_denominations (
    denomination bigint,
    denom_pub_hash bytea,
    value_val bigint,
    value_frac integer,
    fee_deposit_val bigint,
    fee_deposit_frac integer,
    valid_from bigint,
    expire_deposit bigint
) on commit drop;

create temporary table staged_coins (
    coin bigint, -- known_coin_id
    denomination bigint,
    coin_pub bytea,
    genuine boolean
) on commit drop;

create temporary table staged_coin_events (
    kind smallint, -- 1 withdrawn, 2 revealed, 3 deposit, 4 melt, 5 refund, 6 recoup, 7 recoup of a fresh coin, 8 the same, into the melted coin, 9 deposit fee given back to a coin, 10 deposit fee spared to a merchant
    coin bigint, -- known_coin_id; null: the event does not tell
    denomination bigint, -- of the coin
    serial bigint, -- null: several rows, or none
    coins bigint, -- that were issued
    amount_val bigint,
    amount_frac integer,
    fee_val bigint,
    fee_frac integer
) on commit drop;

create temporary table staged_refunds (
    deposit bigint,
    denomination bigint
) on commit drop;
