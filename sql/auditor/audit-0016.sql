-- More tables that grow with the exchange do without foreign keys, whose look-ups cost as much
-- as to store the rows.

alter table auditor.confirmation_states drop constraint confirmation_states_exchange_id_serial_fkey;
alter table auditor.quarters drop constraint quarters_exchange_id_fkey;
alter table auditor.wire_items drop constraint wire_items_exchange_id_fkey;

create or replace function auditor.empty_books() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    delete from auditor.reserves where exchange_id = old.exchange_id;
    delete from auditor.reserve_origins where exchange_id = old.exchange_id;
    delete from auditor.reserve_credits where exchange_id = old.exchange_id;
    delete from auditor.payees where exchange_id = old.exchange_id;
    delete from auditor.closings where exchange_id = old.exchange_id;
    delete from auditor.credits where exchange_id = old.exchange_id;
    delete from auditor.statements where exchange_id = old.exchange_id;
    delete from auditor.coins where exchange_id = old.exchange_id;
    delete from auditor.refunded_deposits where exchange_id = old.exchange_id;
    delete from auditor.melts where exchange_id = old.exchange_id;
    delete from auditor.fresh_coins where exchange_id = old.exchange_id;
    delete from auditor.obligations where exchange_id = old.exchange_id;
    delete from auditor.transfers where exchange_id = old.exchange_id;
    delete from auditor.confirmation_states where exchange_id = old.exchange_id;
    delete from auditor.quarters where exchange_id = old.exchange_id;
    delete from auditor.wire_items where exchange_id = old.exchange_id;
    return old;
end
$$;
