-- Prepares a session on the destination: it takes no object from a schema that
-- was not named, and receives text as UTF-8.
select
    pg_catalog.set_config('search_path', '', false),
    pg_catalog.set_config('client_encoding', 'UTF8', false)
