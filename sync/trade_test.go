package sync

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// trades are what an exchange writes for its customers, each with keys made of $1 and
// about some of its latest rows, which $2 chooses. Mutable columns change with them.
var trades = []string{
	// a credit to a new reserve
	`with r as (
		insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		values (sha256($1::text::bytea), 'payto://x-taler-bank/localhost/' || $2::integer, 0, 0, 9000000000000000, 9000000000000000) returning reserve_uuid
	)
	insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
	select $2, 2, 0, 'payto://', 'account', 1600000000000000, reserve_uuid from r`,
	// a withdrawal, whose coin is spent at once
	`with r as (
		select reserve_uuid from public.reserves order by reserve_uuid desc offset $2::integer limit 1
	), w as (
		insert into public.reserves_out (h_blind_ev, denom_sig, reserve_sig, execution_date, amount_with_fee_val, amount_with_fee_frac, reserve_uuid, denominations_serial)
		select sha512($1::text::bytea), sha512('signature'), sha512('reserve'), 1600000000000000, 1, 0, reserve_uuid, 1 from r
	), b as (
		update public.reserves set current_balance_frac = (current_balance_frac + 1) % 100 where reserve_uuid in (select reserve_uuid from r)
	), c as (
		insert into public.known_coins (coin_pub, denom_sig, denominations_serial) values (sha256($1::text::bytea), sha512('signature'), 1) returning known_coin_id
	)
	insert into public.deposits (amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
		merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
	select 0, 50000000, 1600000000000000, 1600000000000000, 1600000000000000, 1600000000000000,
		sha256('merchant'), sha512($1::text::bytea), sha512('wire'), sha512('coin'), '{}', known_coin_id from c`,
	// a refund
	`insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
	select sha512($1::text::bytea), 1, 0, 1, deposit_serial_id from public.deposits order by deposit_serial_id desc offset $2::integer limit 1`,
	// a melt and its reveal
	`with m as (
		insert into public.refresh_commitments (rc, old_coin_sig, amount_with_fee_val, amount_with_fee_frac, noreveal_index, old_known_coin_id)
		select sha512($1::text::bytea), sha512('coin'), 0, 1000, 1, known_coin_id from public.known_coins order by known_coin_id desc offset $2::integer limit 1
		returning melt_serial_id
	), k as (
		insert into public.refresh_transfer_keys (transfer_pub, transfer_privs, melt_serial_id) select sha256($1::text::bytea), sha512('private'), melt_serial_id from m
	)
	insert into public.refresh_revealed_coins (freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id)
	select i, sha512('link'), sha512(($1 || i)::bytea), sha512(($1 || i || 'h')::bytea), sha512('signature'), 1, melt_serial_id from m, generate_series(0, 2) as i`,
	// a transfer; of two at once for the same deposit one fails
	`with d as (
		select deposit_serial_id from public.deposits as d
		where not exists (select from public.aggregation_tracking as a where a.deposit_serial_id = d.deposit_serial_id)
		order by deposit_serial_id offset $2::integer limit 2
	), o as (
		insert into public.wire_out (execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
		select 1600000000000000, sha256($1::text::bytea), 'payto://', 'account', 0, 99000000 where exists (select from d) returning wtid_raw
	), done as (
		update public.deposits set done = true where deposit_serial_id in (select deposit_serial_id from d)
	)
	insert into public.aggregation_tracking (deposit_serial_id, wtid_raw) select deposit_serial_id, wtid_raw from d, o`,
	// a recoup, and the closing of its reserve
	`with r as (
		insert into public.recoup (coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, reserve_out_serial_id)
		select sha512($1::text::bytea), sha256('blind'), 1, 0, 1600000000000000, (select max(known_coin_id) from public.known_coins), reserve_out_serial_id
		from public.reserves_out order by reserve_out_serial_id desc offset $2::integer limit 1
		returning reserve_out_serial_id
	)
	insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
	select 1600000000000000, sha256($1::text::bytea), 'payto://', 1, 0, 0, 0, o.reserve_uuid from r join public.reserves_out as o using (reserve_out_serial_id)`,
	// a recoup of a fresh coin
	`insert into public.recoup_refresh (coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, rrc_serial)
	select sha512($1::text::bytea), sha256('blind'), 1, 0, 1600000000000000, (select max(known_coin_id) from public.known_coins), rrc_serial
	from public.refresh_revealed_coins order by rrc_serial desc offset $2::integer limit 1`,
}

// trade does some business in a transaction that the caller ends.
func trade(ctx context.Context, tx pgx.Tx, random *rand.Rand) error {
	_, err := tx.Exec(ctx, trades[random.IntN(len(trades))], fmt.Sprint(random.Uint64()), random.IntN(5))
	return err
}

// keepTrading does business in one transaction after the other until ctx ends, some
// of which it takes back, and outlives outages of the server.
func keepTrading(ctx context.Context, t *testing.T, url string, random *rand.Rand) {
	for ctx.Err() == nil {
		if conn, err := pgx.Connect(ctx, url); err == nil {
			err = tradeOn(ctx, conn, random)
			_ = conn.Close(context.Background()) // nothing depends on how it ends
			if e, ok := errors.AsType[*pgconn.PgError](err); ok && !outageOf(e) {
				t.Error(err)
				return
			}
		}
		_ = sleep(ctx, 10*time.Millisecond)
	}
}

// outageOf says whether an error of the server comes of its end or its start.
func outageOf(e *pgconn.PgError) bool { return e.Code[:2] == "57" }

func tradeOn(ctx context.Context, conn *pgx.Conn, random *rand.Rand) error {
	for ctx.Err() == nil {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		for range 1 + random.IntN(5) {
			if err = trade(ctx, tx, random); err != nil {
				break
			}
			time.Sleep(time.Duration(random.IntN(10_000)) * time.Microsecond)
		}
		if err == nil && random.IntN(4) > 0 {
			err = tx.Commit(ctx)
		} else {
			_ = tx.Rollback(ctx) // a connection that is gone shows in the next transaction
		}
		// Two transfers for one deposit, or two that wait for each other: one is taken back.
		if state := sqlState(err); err != nil && state != "23505" && state != "40P01" {
			return err
		}
	}
	return nil
}
