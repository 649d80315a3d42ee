-- Tables that grow with the exchange do without a foreign key to it: to look the
-- exchange up for each new row costs as much as to store the row. When an exchange
-- is removed, a trigger empties them instead.

alter table auditor.reserves drop constraint reserves_exchange_id_fkey;
alter table auditor.reserve_origins drop constraint reserve_origins_exchange_id_fkey;
alter table auditor.credits drop constraint credits_exchange_id_fkey;
alter table auditor.statements drop constraint statements_exchange_id_fkey;
alter table auditor.coins drop constraint coins_exchange_id_fkey;
alter table auditor.refunded_deposits drop constraint refunded_deposits_exchange_id_fkey;
alter table auditor.melts drop constraint melts_exchange_id_fkey;
alter table auditor.fresh_coins drop constraint fresh_coins_exchange_id_fkey;
alter table auditor.obligations drop constraint obligations_exchange_id_fkey;
alter table auditor.transfers drop constraint transfers_exchange_id_fkey;

create function auditor.empty_books() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    delete from auditor.reserves where exchange_id = old.exchange_id;
    delete from auditor.reserve_origins where exchange_id = old.exchange_id;
    delete from auditor.credits where exchange_id = old.exchange_id;
    delete from auditor.statements where exchange_id = old.exchange_id;
    delete from auditor.coins where exchange_id = old.exchange_id;
    delete from auditor.refunded_deposits where exchange_id = old.exchange_id;
    delete from auditor.melts where exchange_id = old.exchange_id;
    delete from auditor.fresh_coins where exchange_id = old.exchange_id;
    delete from auditor.obligations where exchange_id = old.exchange_id;
    delete from auditor.transfers where exchange_id = old.exchange_id;
    return old;
end
$$;
comment on function auditor.empty_books() is 'removes the books of an exchange that is removed';
create trigger empty_books before delete on auditor.exchanges for each row execute function auditor.empty_books();

-- What all open reserves hold is told by the index alone.
drop index auditor.reserves_open;
create index reserves_open on auditor.reserves (exchange_id, expiration) include (balance) where balance <> 0;
create index reserves_overdrawn on auditor.reserves (exchange_id, reserve_pub) where balance < 0;
create index reserves_left_over on auditor.reserves (exchange_id, reserve_pub) where balance > 0 and last_closing > coalesce(last_credit, -1);
