package sync

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// illFormed returns values that a column must not hold, as SQL, and values at the very
// borders of what it may.
func illFormed(c exchange.Column) (bad, good []string) {
	bytes := func(n int) string { return fmt.Sprintf("decode(repeat('ab', %d), 'hex')", n) }
	switch c.Role {
	case exchange.Serial, exchange.Reference:
		bad = []string{"0", "-1", fmt.Sprint(math.MinInt64)}
	case exchange.Index:
		bad, good = []string{"-1"}, []string{"0"}
	case exchange.Time:
		bad, good = []string{"-2", fmt.Sprint(math.MinInt64)}, []string{"-1", "0", fmt.Sprint(math.MaxInt64)}
	case exchange.AmountValue:
		bad, good = []string{"-1", "4503599627370497", fmt.Sprint(math.MaxInt64)}, []string{"0", "4503599627370496"}
	case exchange.AmountFraction:
		bad, good = []string{"-1", "100000000", fmt.Sprint(math.MaxInt32)}, []string{"0", "99999999"}
	}
	if c.Length > 0 {
		bad = append(bad, bytes(c.Length-1), bytes(c.Length+1), bytes(0))
	}
	return bad, good
}

// S1: the trusted copy's own constraints keep out of each column what is not well
// formed, whoever writes it, and nothing else.
func TestTheCopyRefusesWhatIsNotWellFormed(t *testing.T) {
	url := newDestination(t)
	conn := pgtest.Connect(t, url)
	if err := pgtest.Fill(t.Context(), conn, "public", 2); err != nil {
		t.Fatal(err)
	}
	ruled := 0
	for _, table := range exchange.Layout2021().Replicated() {
		for _, c := range table.Columns {
			set := func(value string) error {
				return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
					if _, err := tx.Exec(t.Context(), fmt.Sprintf("update public.%s set %s = %s where %s = 1", table.Name, c.Name, value, table.Serial)); err != nil {
						return err
					}
					return errUndone
				})
			}
			bad, good := illFormed(c)
			for _, value := range bad {
				ruled++
				refused, ok := errors.AsType[*pgconn.PgError](set(value))
				if !ok || refused.Code != "23514" {
					t.Errorf("%s.%s = %s: %v", table.Name, c.Name, value, refused)
				}
			}
			for _, value := range good {
				if err := set(value); !errors.Is(err, errUndone) {
					t.Errorf("%s.%s = %s: %v", table.Name, c.Name, value, err)
				}
			}
		}
	}
	if ruled < 200 {
		t.Errorf("only %d values were tried", ruled)
	}
}

var errUndone = errors.New("undone")
