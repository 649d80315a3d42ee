package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/testdata"
	"auditor/report"
	"auditor/sync"
)

// folders are the real exchanges' databases.
var folders = []string{"small", "small-wired", "revoked", "revoked-wired", "mixed"}

// unpaid is what two of the exchanges owed to merchants when they were audited.
func unpaid(folder string) []string {
	return map[string][]string{"small": {"W-17 exposure 7.97 (3)"}, "revoked": {"W-17 exposure 0.98"}}[folder]
}

// TestRealExchanges replicates the databases of real exchanges, imports what merchants
// reported, audits the copy, and compares the figures and arrays of all areas with
// those of the C auditor, for a first and an incremental run. Internal audits are of
// the original.
func TestRealExchanges(t *testing.T) {
	used := folders
	if testing.Short() {
		used = []string{"small-wired", "revoked"}
	}
	for _, folder := range used {
		for _, mode := range []struct {
			name     string
			internal bool
		}{{"", false}, {"-i", true}} {
			t.Run(folder+mode.name, func(t *testing.T) {
				t.Parallel()
				b := real(t, folder)
				b.opt.Internal = mode.internal
				b.opt.Policy.DepositGrace = time.Hour
				if !mode.internal {
					b.opt.Exchange = connectTo(b.replicate(), pg.ReadOnly())
				}
				b.confirmReported(folder)
				b.opt.Banks = realBank(t, folder)
				for _, increment := range []string{"", "-inc"} {
					rep := b.audit()
					if got := slices.DeleteFunc(said(rep), func(line string) bool { return strings.HasPrefix(line, "C-16") }); !slices.Equal(got, unpaid(folder)) {
						t.Errorf("the audit of an honest exchange says %q", got)
					}
					expected := func(area, run string) map[string]any {
						return readObject(t, filepath.Join(testdata.Dir(t), folder, "expected", area+mode.name+run+".json"))
					}
					for _, area := range []string{"reserves", "aggregation", "deposits"} {
						compare(t, rep, area, expected(area, increment))
					}
					compare(t, rep, "wire", betterWire(t, rep, expected("wire", increment), expected("wire", "")))
					compare(t, rep, "coins", betterCoins(t, rep, expected("coins", increment), expected("coins", "")))
				}
			})
		}
	}
}

// replicate copies the exchange's database into a trusted one.
func (b *bench) replicate() string {
	b.Helper()
	trusted := migratetest.NewDatabase(b, migrate.Exchange("public"), migrate.Replica("public"))
	summary, err := sync.Run(context.Background(), sync.Options{
		Source: sync.Connect(connectTo(b.exchange)), Destination: sync.Connect(connectTo(trusted)), TerminateWhenSynchronized: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	if summary.Rows == 0 {
		b.Fatal("nothing was replicated")
	}
	return trusted
}

// TestPasses audits a trusted copy while a pass of replication goes on, which the
// audit waits for, and after one that did not end, which the report says.
func TestPasses(t *testing.T) {
	b := real(t, "small")
	trusted := b.replicate()
	b.opt.Exchange = connectTo(trusted, pg.ReadOnly())
	b.audit()

	ctx := context.Background()
	pass := pgtest.Connect(t, trusted)
	if _, err := pass.Exec(ctx, "select pg_advisory_lock($1)", exchange.PassLock); err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := Run(waiting, b.opt); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while a pass goes on: %v, want that the audit waits", err)
	}
	if err := pass.Close(ctx); err != nil {
		t.Fatal(err)
	}

	unfinished := func() bool {
		return slices.ContainsFunc(b.audit().Unchecked, func(u report.Unchecked) bool { return strings.Contains(u.Why, "did not end") })
	}
	if unfinished() {
		t.Error("the report says that a pass did not end, but all did")
	}
	b.run(trusted, "insert into auditor_sync.passes (started) values (now())")
	if !unfinished() {
		t.Error("the report does not say that the last pass did not end")
	}
}

// readObject reads a JSON object from a file.
func readObject(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// compare checks that the form of an area equals the expected one but for the times
// at which the audit ran.
func compare(t *testing.T, rep *report.Report, area string, want map[string]any) {
	t.Helper()
	var got map[string]any
	var out bytes.Buffer
	if err := report.WriteJSON(&out, rep); err != nil {
		t.Fatal(err)
	}
	if _, err := report.ReadJSON(&out); err != nil {
		t.Errorf("the report is not what its schema says: %v", err)
	}
	out.Reset()
	if err := report.WriteTaler(rep, area, &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d fields, want %d", len(got), len(want))
	}
	for name, value := range want {
		if strings.HasSuffix(name, "auditor_start_time") || strings.HasSuffix(name, "auditor_end_time") {
			continue
		}
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s: %s = %v, want %v", area, name, got[name], value)
		}
	}
}
