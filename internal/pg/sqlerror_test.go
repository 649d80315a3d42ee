package pg

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"auditor/internal/pgtest"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"
)

func TestExplainSQLError(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	for _, test := range []struct {
		name, script, want string
	}{
		{
			name:   "syntax",
			script: "-- größer\ncreate table public.a (n int);\n\tselect 'ä' from from public.a;\n",
			want:   "line 3: \tselect 'ä' from from public.a;\n        \t                ^",
		},
		{
			name:   "first line, first column",
			script: "selec 1",
			want:   "line 1: selec 1\n        ^",
		},
		{
			name:   "unknown column, with a hint",
			script: "create table public.b (name text);\r\nselect nam\r\nfrom public.b",
			want:   "line 2: select nam\n               ^\nhint: Perhaps you meant to reference the column \"b.name\".",
		},
		{
			name:   "end of the script",
			script: "select 1 +",
			want:   "line 1: select 1 +\n                  ^",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := conn.Exec(t.Context(), test.script)
			explained := ExplainSQLError(fmt.Errorf("patch 7: %w", err), test.script)
			if _, ok := errors.AsType[*SQLError](explained); !ok {
				t.Fatalf("got %v, want an SQLError", explained)
			}
			if _, ok := errors.AsType[*pgconn.PgError](explained); !ok {
				t.Error("the error of PostgreSQL is lost")
			}
			first, rest, _ := strings.Cut(explained.Error(), "\n")
			if !strings.HasPrefix(first, "patch 7: ERROR: ") || rest != test.want {
				t.Errorf("got\n%s\n%s\nwant\n%s", first, rest, test.want)
			}
		})
	}
}

func TestErrorsWithoutAPlace(t *testing.T) {
	for _, err := range []error{
		nil,
		errors.New("no route"),
		&pgconn.PgError{Code: "23505"},
		&pgconn.PgError{Position: 100},
	} {
		if got := ExplainSQLError(err, "select 1"); got != err {
			t.Errorf("got %v, want the error itself", got)
		}
	}
}

// Whatever the script, line and column lead to the character that PostgreSQL counted.
func TestPlaceInAnyScript(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringOf(rapid.RuneFrom([]rune("aß世 \t;"))), 1, 10).Draw(t, "lines")
		line := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		column := rapid.IntRange(0, len([]rune(lines[line]))).Draw(t, "column")
		position := column + 1
		for _, l := range lines[:line] {
			position += len([]rune(l)) + 1
		}
		err := ExplainSQLError(&pgconn.PgError{Position: int32(position)}, strings.Join(lines, "\n"))
		got, ok := errors.AsType[*SQLError](err)
		if !ok || got.Line != line+1 || got.Column != column+1 || got.Source != lines[line] {
			t.Fatalf("got %+v, want line %d, column %d of %q", got, line+1, column+1, lines[line])
		}
		_ = got.Error()
	})
}
