package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/exchange"
	"auditor/report"
)

// What scripts do to reports and to the rows that they rest on, and what they compare.

// spoilFiles is the command "spoilfiles N KEYFILE FILES...": N times it changes one random
// bit of one of the files. Each time auditor report verify, which trusts the key, must fail
// and name the file or its report.
func spoilFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: spoilfiles N KEYFILE FILES...")
	}
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	files := args[2:]
	verify := append([]string{"report", "verify", "--key", strings.TrimSpace(ts.ReadFile(args[1]))}, files...)
	numbers := make(map[string]string)
	for _, file := range files {
		if text, err := os.ReadFile(ts.MkAbs(file)); err == nil && strings.HasSuffix(file, ".json") {
			base := strings.TrimSuffix(filepath.Base(file), ".json")
			number := fmt.Sprintf("report %d", report.RunOf(text))
			numbers[base+".json"], numbers[base+".note"] = number, number
		}
	}
	random := rand.New(rand.NewPCG(1, uint64(times)))
	for range times {
		path := ts.MkAbs(files[random.IntN(len(files))])
		good, err := os.ReadFile(path)
		ts.Check(err)
		bad := slices.Clone(good)
		at, bit := random.IntN(len(bad)), random.IntN(8)
		bad[at] ^= 1 << bit
		ts.Check(os.WriteFile(path, bad, 0o600))
		err = ts.Exec("auditor", verify...)
		if err == nil && strings.HasSuffix(path, ".note") && strings.Contains(ts.ReadFile("stdout"), "signed by a key that is not known here") {
			ts.Check(os.WriteFile(path, good, 0o600))
			continue // the report is proved by the one after it, and who signed is told
		}
		if err == nil {
			ts.Fatalf("nobody is told that bit %d of byte %d of %s is another", bit, at, path)
		}
		name := filepath.Base(path)
		if said := ts.ReadFile("stdout") + ts.ReadFile("stderr"); !strings.Contains(said, name) && !strings.Contains(said, numbers[name]) {
			ts.Fatalf("bit %d of byte %d of %s is another, but what is said is:\n%s", bit, at, path, said)
		}
		ts.Check(os.WriteFile(path, good, 0o600))
	}
	ts.Check(ts.Exec("auditor", verify...))
}

// otherBit is a value of the column with one bit changed, which is itself changed back by
// the same expression.
func otherBit(t exchange.Type, column string, which int) string {
	switch t {
	case exchange.Bytea:
		place := fmt.Sprintf("mod(%d, 8 * length(%s))", which, column)
		return fmt.Sprintf("set_bit(%[1]s, %[2]s, 1 - get_bit(%[1]s, %[2]s))", column, place)
	case exchange.Text, exchange.Varchar:
		return fmt.Sprintf("overlay(%[1]s placing chr(ascii(%[1]s) # 1) from 1 for 1)", column)
	case exchange.Boolean:
		return "not " + column
	}
	return fmt.Sprintf("%s # %d", column, 1<<(which%8))
}

// spoilRows changes one bit of a random value of a random row of each table of the trusted
// copy, one after the other. Each time auditor report verify must name the row.
func spoilRows(ts *testscript.TestScript, url string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "set session_replication_role = replica")
	ts.Check(err)
	random := rand.New(rand.NewPCG(2, 2))
	spoiled := 0
	for _, t := range exchange.Layout2021().Tables {
		if !t.Replicated {
			continue
		}
		table, serial := pgx.Identifier{t.Name}.Sanitize(), pgx.Identifier{t.Serial}.Sanitize()
		rows, err := conn.Query(ctx, fmt.Sprintf("select %s from %s order by 1", serial, table))
		ts.Check(err)
		serials, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		ts.Check(err)
		if len(serials) == 0 {
			continue
		}
		_, err = conn.Exec(ctx, "alter table "+table+" disable trigger only_grows")
		ts.Check(err)
		row := serials[random.IntN(len(serials))]
		for _, i := range random.Perm(len(t.Columns)) {
			c := t.Columns[i]
			if c.Mutable || c.Name == t.Serial {
				continue
			}
			column := pgx.Identifier{c.Name}.Sanitize()
			set := fmt.Sprintf("update %s set %s = %s where %s = %d", table, column, otherBit(c.Type, column, random.IntN(1<<16)), serial, row)
			tag, err := conn.Exec(ctx, set+fmt.Sprintf(" and %s is not null", column))
			if err != nil || tag.RowsAffected() != 1 {
				continue // what the table itself refuses, or is null
			}
			spoiled++
			want := fmt.Sprintf("%s, serial %d: the row is not what it was", t.Name, row)
			if err := ts.Exec("auditor", "report", "verify"); err == nil {
				ts.Fatalf("nobody is told that %s of %s, serial %d, is another", c.Name, t.Name, row)
			}
			if got := ts.ReadFile("stdout"); !strings.Contains(got, want) {
				ts.Fatalf("%s of %s, serial %d, is another, but what is said is:\n%s", c.Name, t.Name, row, got)
			}
			_, err = conn.Exec(ctx, set)
			ts.Check(err)
			break
		}
	}
	if spoiled < 10 {
		ts.Fatalf("only %d tables hold rows that could be changed", spoiled)
	}
	ts.Check(ts.Exec("auditor", "report", "verify"))
}

// changed is the command "changed EARLIER LATER": each figure of the later report names what
// it was in the earlier one, and the text of the later one shows each change.
func changed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: changed EARLIER LATER")
	}
	earlier, later := readReport(ts, args[0]), readReport(ts, args[1])
	before := make(map[string]report.Figure)
	for _, f := range earlier.Figures {
		before[f.Area+" "+f.Name] = f
	}
	moved := 0
	for _, f := range later.Figures {
		was, ok := before[f.Area+" "+f.Name]
		switch {
		case !ok || f.Previous == nil:
			ts.Fatalf("%s of area %s says nothing of the report before", f.Name, f.Area)
		case *f.Previous != was.Amount:
			ts.Fatalf("%s of area %s was %v, but is said to have been %v", f.Name, f.Area, was.Amount, *f.Previous)
		case f.Amount != was.Amount:
			moved++
		}
	}
	if len(later.Figures) != len(earlier.Figures) || moved < 10 {
		ts.Fatalf("%d of %d figures moved, there were %d", moved, len(later.Figures), len(earlier.Figures))
	}
}

func readReport(ts *testscript.TestScript, file string) *report.Report {
	var r report.Report
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &r))
	return &r
}
