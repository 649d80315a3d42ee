-- What a trusted copy has of its rows. The table vanishes with the transaction.
create temporary table staged_chunks (
    table_name text,
    number bigint,
    rows integer,
    present bytea,
    root bytea
) on commit drop
