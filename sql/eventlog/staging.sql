-- What one file holds, as far as the office may see it, in the order in which it was read.
create temporary table staged_events (
    place bigint,
    event_id bigint,
    seconds bigint,
    ip text,
    user_id uuid,
    service integer,
    amount bigint,
    nanoseconds integer,
    status integer
) on commit drop;
create temporary table staged_details (
    event_id bigint,
    detail text,
    packed boolean
) on commit drop
