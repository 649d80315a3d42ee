-- What one run gathers about coins before it is folded into their state.
create temporary table staged_coin_events (
    kind smallint, -- 1 withdrawn, 2 revealed, 3 deposit, 4 melt, 5 refund, 6 recoup, 7 recoup of a fresh coin, 8 the same, into the melted coin
    coin bigint, -- known_coin_id; null: the event does not tell
    denomination bigint, -- of the coin
    serial bigint,
    amount_val bigint,
    amount_frac integer,
    fee_val bigint,
    fee_frac integer
) on commit drop;
