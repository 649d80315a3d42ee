package sync

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

// A row that differs once and not when it is read again, in a fresh snapshot, is
// reported as what it is, and alone does not stop replication for long.
func TestFlappingRows(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	serial := number(t, source, "select max(reserve_out_serial_id) from public.reserves_out")
	var mark []byte
	if err := pgtest.Connect(t, source).QueryRow(t.Context(), "select h_blind_ev from public.reserves_out where reserve_out_serial_id = $1", serial-1).Scan(&mark); err != nil {
		t.Fatal(err)
	}
	want := []string{fmt.Sprintf("flapping-row/reserves_out/%d", serial-1)}
	for name, lie := range map[string]func(data []byte) [][]byte{
		"altered": func(data []byte) [][]byte { return [][]byte{append(data[:len(data)-1], data[len(data)-1]^1)} },
		"missing": func(data []byte) [][]byte { // but for the header, which comes with the first row
			return [][]byte{data[:len(data)-len(bytes.TrimPrefix(data, []byte(copyHeader)))]}
		},
	} {
		t.Run(name, func(t *testing.T) {
			lying := liar(t, source, onCopy(func(data []byte) [][]byte {
				if bytes.Contains(data, mark) {
					return lie(data)
				}
				return [][]byte{data}
			}))
			connections := 0
			o.Source = func(ctx context.Context) (*pgx.Conn, error) {
				if connections++; connections == 1 {
					return lying(ctx)
				}
				return dial(source)(ctx)
			}
			if _, err := Run(t.Context(), o); !isDivergence(err) {
				t.Fatalf("got %v, want an alert", err)
			}
			if connections != 2 {
				t.Errorf("%d connections, want one for a second look", connections)
			}
			if !slices.Equal(openAlerts(t, destination), want) {
				t.Errorf("alerts %v, want %v", openAlerts(t, destination), want)
			}
			if _, err := Run(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if open := openAlerts(t, destination); len(open) > 0 {
				t.Errorf("alerts %v are open", open)
			}
		})
	}
	wantEqual(t, source, destination)
}

// manyDeposits fills a source with one coin and many deposits of about 350 bytes.
const manyDeposits = `
	insert into public.denominations select sha512('d'), 'key', sha512('s'), 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1;
	insert into public.known_coins values (1, sha256('c'), 'signature', 1);
	insert into public.deposits (deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
		wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
	select i, i, 0, i, i, i, i, sha256(i::text::bytea), sha512(i::text::bytea), sha512('w'), sha512('s'), '{"payto_uri":"payto://x-taler-bank/localhost/42","salt":"x"}', 1
	from generate_series(1, %d) as i;
	analyze`

// S5: an old row that is altered is found within as many passes as there are chunks,
// and nobody can tell in which.
func TestOldRowsAreComparedInTurn(t *testing.T) {
	t.Parallel()
	source := newDestination(t)
	execute(t, source, fmt.Sprintf(manyDeposits, 9_000))
	var found []int
	for range 3 {
		destination := newDestination(t)
		o := options(t, source, destination)
		o.Logger = nil
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		chunks := int(number(t, destination, "select count(*) from auditor_sync.chunks"))
		execute(t, source, "update public.deposits set wire = wire || ' ' where deposit_serial_id = 1500")
		o.TerminateWhenSynchronized = false
		passes := 0
		o.Sleep = func(context.Context, time.Duration) error { passes++; return nil }
		if _, err := Run(t.Context(), o); !isDivergence(err) {
			t.Fatalf("got %v, want an alert", err)
		}
		if got, want := openAlerts(t, destination), []string{"altered-row/deposits/1500"}; !slices.Equal(got, want) {
			t.Errorf("alerts %v, want %v", got, want)
		}
		if passes > chunks {
			t.Errorf("found after %d passes, want at most %d", passes, chunks)
		}
		found = append(found, passes)
		execute(t, source, "update public.deposits set wire = rtrim(wire) where deposit_serial_id = 1500")
	}
	t.Logf("found after %v passes", found)
}

// What somebody changed in the trusted copy is not blamed on the source.
func TestChangedCopyIsNotBlamedOnTheSource(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	execute(t, destination, "update auditor_sync.chunks set root = sha256('forged') where table_name = 'deposits'")
	_, err := Run(t.Context(), o)
	if e, ok := broken(err).(*EvidenceError); !ok || e.Table != "deposits" || e.ExitStatus() != 2 {
		t.Fatalf("got %v, want a destination that was changed", err)
	}
	if open := openAlerts(t, destination); len(open) > 0 {
		t.Errorf("alerts %v are open", open)
	}
}
