package sync

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// float8 is the type number of double precision.
const float8 = 701

// disguise makes a server say bigint wherever it would say double precision: in what
// its catalog answers and in what it announces of statements, or in one of them.
func disguise(catalog, statements bool) func(pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
	bigint := exchange.BigInt.OID()
	return func(m pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
		switch m := m.(type) {
		case *pgproto3.RowDescription:
			for i := range m.Fields {
				if statements && m.Fields[i].DataTypeOID == float8 {
					m.Fields[i].DataTypeOID = bigint
				}
			}
		case *pgproto3.DataRow:
			for i, v := range m.Values {
				switch {
				case !catalog:
				case bytes.Equal(v, binary.BigEndian.AppendUint32(nil, float8)):
					m.Values[i] = binary.BigEndian.AppendUint32(nil, bigint)
				case string(v) == "double precision":
					m.Values[i] = []byte("bigint")
				}
			}
		}
		return []pgproto3.BackendMessage{m}, true
	}
}

// S1, S7: a server that lies about the types of its columns is found out by the
// catalog, by what it announces, or by the bytes.
func TestServerLiesAboutTypes(t *testing.T) {
	t.Parallel()
	source := pgtest.LoadExchange(t, "small")
	execute(t, source, "alter table public.deposits alter amount_with_fee_val type float8")
	for _, test := range []struct {
		name                string
		catalog, statements bool
		rule                Rule // "" = halts before a row is read
	}{
		{"in statements", false, true, ""},
		{"in the catalog", true, false, ""},
		{"everywhere", true, true, RuleAmount},
	} {
		t.Run(test.name, func(t *testing.T) {
			destination := newDestination(t)
			o := options(t, source, destination)
			o.Source = liar(t, source, disguise(test.catalog, test.statements))
			_, err := Run(t.Context(), o)
			if test.rule == "" {
				e, ok := errors.AsType[*SchemaError](err)
				if !ok || !slices.ContainsFunc(e.Differences, func(d exchange.Difference) bool {
					return d.Table == "deposits" && d.Column == "amount_with_fee_val" && d.Aspect == exchange.AspectType
				}) {
					t.Fatalf("got %v, want the column", err)
				}
				if n := number(t, destination, "select count(*) from public.exchange_sign_keys"); n != 0 {
					t.Errorf("%d rows were copied", n)
				}
				return
			}
			v, ok := errors.AsType[*Violation](err)
			if !ok || v.Table != "deposits" || v.Serial != 1 || v.Column != "amount_with_fee_val" || v.Rule != test.rule {
				t.Fatalf("got %v, want a violation by the first deposit", err)
			}
			if n := number(t, destination, "select count(*) from public.deposits"); n != 0 {
				t.Errorf("%d deposits were copied", n)
			}
		})
	}
}
