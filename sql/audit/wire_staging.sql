-- What one run gathers about transfers before it is matched: see auditor.wire_items.
create temporary table staged_wire_items (
    n bigint generated always as identity,
    direction smallint,
    side smallint,
    section text,
    id bigint,
    grp bytea,
    key bytea,
    party bytea,
    account text,
    amount_val bigint,
    amount_frac integer,
    at bigint,
    day_only boolean,
    run bigint,
    pair bigint,
    likeness smallint, -- of the halves of a pair: 0 all alike, 5 nothing but the group
    amount numeric generated always as (amount_val + amount_frac * 0.00000001) stored
) on commit drop;
