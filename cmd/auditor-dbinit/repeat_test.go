package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
)

// runUnchanged executes "unchanged PROGRAM ARGS…", which must leave all three databases as
// they are.
func runUnchanged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: unchanged PROGRAM ARGS...")
	}
	databases := []string{ts.Getenv("FIRST"), ts.Getenv("SECOND"), ts.Getenv("THIRD")}
	var before []string
	for _, url := range databases {
		before = append(before, contents(ts, url))
	}
	ts.Check(ts.Exec(args[0], args[1:]...))
	for i, url := range databases {
		if after := contents(ts, url); after != before[i] {
			ts.Fatalf("database %d was changed: %s", i+1, difference(before[i], after))
		}
	}
}

// contents lists everything that a command could change in a database: relations with
// their owners, rights and rows, functions, and schemas.
func contents(ts *testscript.TestScript, url string) string {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	texts := func(query string) []string {
		rows, err := conn.Query(ctx, query)
		ts.Check(err)
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		ts.Check(err)
		return list
	}
	const ours = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
	list := slices.Concat(
		texts("select format('schema %s %s %s', nspname, nspowner::regrole, nspacl) from pg_namespace as n where "+ours),
		texts("select format('function %s %s %s', p.oid::regprocedure, proowner::regrole, proacl) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where "+ours),
		texts("select format('relation %I.%I %s %s %s', n.nspname, relname, relkind, relowner::regrole, relacl) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where "+ours),
	)
	for _, table := range texts("select format('%I.%I', n.nspname, relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where relkind = 'r' and " + ours) {
		rows := strings.Join(texts("select to_jsonb(t)::text as row from "+table+" as t order by row"), "\n")
		list = append(list, fmt.Sprintf("rows of %s %x", table, sha256.Sum256([]byte(rows))))
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// difference lists the lines that only one of two texts has.
func difference(a, b string) string {
	var lines []string
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		other := strings.Split(pair[1], "\n")
		for line := range strings.SplitSeq(pair[0], "\n") {
			if !slices.Contains(other, line) {
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "; ")
}
