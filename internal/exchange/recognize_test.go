package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

func unrecognized(t *testing.T, err error) *exchange.UnrecognizedError {
	t.Helper()
	e, ok := errors.AsType[*exchange.UnrecognizedError](err)
	if !ok {
		t.Fatalf("got %v, want an UnrecognizedError", err)
	}
	return e
}

func TestRecognizeNothing(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	mustExec(t, conn, `create table public.prewire (x int)`)
	for _, schema := range []string{"public", "missing"} {
		_, err := exchange.Recognize(t.Context(), conn, schema)
		e := unrecognized(t, err)
		if !e.Empty() {
			t.Errorf("schema %s is said to hold something", schema)
		}
		if want := `check config and schema of section [exchangedb]`; !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %q, want one line with %q", err, want)
		}
	}
}

func TestRecognizeNamesEveryHarmfulDifference(t *testing.T) {
	conn := newExchange(t)
	mustExec(t, conn, `alter table public.deposits drop column wire, alter column done set default true; drop table public.recoup`)
	_, err := exchange.Recognize(t.Context(), conn, "public")
	if unrecognized(t, err).Empty() {
		t.Error("the schema is said to be empty")
	}
	_, lines, _ := strings.Cut(err.Error(), "\n")
	want := `  layout 2021: deposits.wire: column: expected text, found missing
  layout 2021: recoup: table: expected present, found missing`
	if lines != want {
		t.Errorf("got\n%s\nwant\n%s", lines, want)
	}
}

func TestRecognizeLooksIntoTheSchemaAlone(t *testing.T) {
	const schema = `Exchange "A"`
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange(schema)); err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.Recognize(t.Context(), conn, schema); err != nil {
		t.Error(err)
	}
	if _, err := exchange.Recognize(t.Context(), conn, "public"); err == nil {
		t.Error("tables of another schema were taken for those of public")
	}
}
