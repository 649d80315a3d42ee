-- Prepares a session on the source: it can change nothing, takes no object from a
-- schema that was not named, sends text as UTF-8, and gives up after $1
-- milliseconds on one statement.
select
    pg_catalog.set_config('default_transaction_read_only', 'on', false),
    pg_catalog.set_config('search_path', '', false),
    pg_catalog.set_config('client_encoding', 'UTF8', false),
    pg_catalog.set_config('statement_timeout', $1::text, false)
