-- Turns tables of layout 2021, with their rows, into those of the exchange's own
-- first patch: references by keys and hashes in place of serials. Where a row goes
-- without losing anything is not changed: column by column the rows stay the same.

create function pg_temp.refer(child text, old text, old_type text, fk text, parent text, serial text, key text) returns void language plpgsql as $$
begin
    execute format('alter table public.%I add column %I %s', child, old, old_type);
    execute format('update public.%1$I as t set %2$I = p.%3$I from public.%4$I as p where p.%5$I = t.%6$I', child, old, key, parent, serial, fk);
    execute format('alter table public.%I alter column %I set not null', child, old);
end
$$;

select pg_temp.refer('refunds', 'merchant_pub', 'bytea', 'deposit_serial_id', 'deposits', 'deposit_serial_id', 'merchant_pub');
select pg_temp.refer('refunds', 'h_contract_terms', 'bytea', 'deposit_serial_id', 'deposits', 'deposit_serial_id', 'h_contract_terms');
select pg_temp.refer('deposits', 'coin_pub', 'bytea', 'known_coin_id', 'known_coins', 'known_coin_id', 'coin_pub');
select pg_temp.refer('refunds', 'coin_pub', 'bytea', 'deposit_serial_id', 'deposits', 'deposit_serial_id', 'coin_pub');
select pg_temp.refer('reserves_in', 'reserve_pub', 'bytea', 'reserve_uuid', 'reserves', 'reserve_uuid', 'reserve_pub');
select pg_temp.refer('reserves_close', 'reserve_pub', 'bytea', 'reserve_uuid', 'reserves', 'reserve_uuid', 'reserve_pub');
select pg_temp.refer('reserves_out', 'reserve_pub', 'bytea', 'reserve_uuid', 'reserves', 'reserve_uuid', 'reserve_pub');
select pg_temp.refer('reserves_out', 'denom_pub_hash', 'bytea', 'denominations_serial', 'denominations', 'denominations_serial', 'denom_pub_hash');
select pg_temp.refer('denomination_revocations', 'denom_pub_hash', 'bytea', 'denominations_serial', 'denominations', 'denominations_serial', 'denom_pub_hash');
select pg_temp.refer('known_coins', 'denom_pub_hash', 'bytea', 'denominations_serial', 'denominations', 'denominations_serial', 'denom_pub_hash');
select pg_temp.refer('refresh_revealed_coins', 'denom_pub_hash', 'bytea', 'denominations_serial', 'denominations', 'denominations_serial', 'denom_pub_hash');
select pg_temp.refer('refresh_commitments', 'old_coin_pub', 'bytea', 'old_known_coin_id', 'known_coins', 'known_coin_id', 'coin_pub');
select pg_temp.refer('refresh_revealed_coins', 'rc', 'bytea', 'melt_serial_id', 'refresh_commitments', 'melt_serial_id', 'rc');
select pg_temp.refer('refresh_transfer_keys', 'rc', 'bytea', 'melt_serial_id', 'refresh_commitments', 'melt_serial_id', 'rc');
select pg_temp.refer('recoup', 'coin_pub', 'bytea', 'known_coin_id', 'known_coins', 'known_coin_id', 'coin_pub');
select pg_temp.refer('recoup', 'h_blind_ev', 'bytea', 'reserve_out_serial_id', 'reserves_out', 'reserve_out_serial_id', 'h_blind_ev');
select pg_temp.refer('recoup_refresh', 'coin_pub', 'bytea', 'known_coin_id', 'known_coins', 'known_coin_id', 'coin_pub');
select pg_temp.refer('recoup_refresh', 'h_blind_ev', 'bytea', 'rrc_serial', 'refresh_revealed_coins', 'rrc_serial', 'h_coin_ev');

drop table public.auditor_denom_sigs, public.auditors, public.signkey_revocations, public.exchange_sign_keys, public.wire_accounts;
alter table public.refunds drop column deposit_serial_id, add primary key (coin_pub, merchant_pub, h_contract_terms, rtransaction_id);
alter table public.deposits drop column known_coin_id, add unique (coin_pub, merchant_pub, h_contract_terms);
alter table public.deposits add foreign key (coin_pub) references public.known_coins (coin_pub) on delete cascade;
alter table public.reserves_in drop column reserve_uuid, add primary key (reserve_pub, wire_reference);
alter table public.reserves_in add foreign key (reserve_pub) references public.reserves (reserve_pub) on delete cascade;
alter table public.reserves_close drop column reserve_uuid;
alter table public.reserves_close add foreign key (reserve_pub) references public.reserves (reserve_pub) on delete cascade;
create index reserves_close_by_reserve on public.reserves_close (reserve_pub);
alter table public.recoup drop column known_coin_id, drop column reserve_out_serial_id;
alter table public.recoup add foreign key (h_blind_ev) references public.reserves_out (h_blind_ev) on delete cascade;
alter table public.recoup_refresh drop column known_coin_id, drop column rrc_serial;
alter table public.recoup_refresh add foreign key (h_blind_ev) references public.refresh_revealed_coins (h_coin_ev);
alter table public.reserves_out drop column reserve_uuid, drop column denominations_serial;
alter table public.reserves_out add foreign key (reserve_pub) references public.reserves (reserve_pub) on delete cascade;
alter table public.denomination_revocations drop column denominations_serial, add primary key (denom_pub_hash);
alter table public.refresh_revealed_coins drop column denominations_serial, drop column melt_serial_id, drop column rrc_serial;
alter table public.refresh_revealed_coins add primary key (rc, freshcoin_index);
alter table public.refresh_transfer_keys drop column melt_serial_id, drop column rtc_serial, add primary key (rc);
alter table public.refresh_commitments drop column old_known_coin_id;
alter table public.known_coins drop column denominations_serial;
alter table public.known_coins add foreign key (denom_pub_hash) references public.denominations (denom_pub_hash);
alter table public.reserves drop column reserve_uuid;
alter table public.wire_fee drop column wire_fee_serial;
alter table public.denominations drop column denominations_serial;
alter table public.denominations drop column if exists master_pub;
alter table public.denominations add column master_pub bytea not null default decode(repeat('01', 32), 'hex') check (length(master_pub) = 32);
alter table public.prewire drop column failed;

drop schema if exists _v cascade;
create schema _v;
create table _v.patches (patch_name text primary key, applied_tsz timestamptz not null default now(),
    applied_by text not null, requires text[], conflicts text[]);
insert into _v.patches (patch_name, applied_by) values ('exchange-0001', 'exchange');
