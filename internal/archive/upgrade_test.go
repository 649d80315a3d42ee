package archive

import (
	"os"
	"strings"
	"testing"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestUpgradeKeepsReports upgrades a database with reports of the time before they
// were kept byte for byte: they can still be read, and the chain goes on from them.
func TestUpgradeKeepsReports(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	all := migrate.Auditor()
	before := all
	for i, p := range all.Patches {
		if strings.Contains(p.Text, "auditor.copied_chunks") {
			before.Patches = all.Patches[:i]
			break
		}
	}
	if _, err := migrate.Upgrade(t.Context(), conn, before); err != nil {
		t.Fatal(err)
	}
	master := taler.EddsaPublicKey{}
	list := links(t, nil)
	if _, err := conn.Exec(t.Context(), "insert into auditor.exchanges (master_pub, base_url, currency) values ($1, 'https://exchange.example/', 'EUR')", master[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `insert into auditor.runs (exchange_id, run, as_of, started, finished, report)
		values (1, 1, '2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z', $1)`, list[0].Report); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate.Upgrade(t.Context(), conn, all); err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), conn, master)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := e.Report(t.Context(), conn, 0)
	if err != nil || rep.Run != 1 {
		t.Fatalf("%v, %v", rep, err)
	}
	past, err := e.History(t.Context(), conn, 1)
	if err != nil || len(past) != 1 || past[0].Figures[0].Name != "escrow" {
		t.Errorf("the history is %+v, %v", past, err)
	}
	var c Chain
	if err := e.VerifyReports(t.Context(), conn, &c); err != nil || len(c.Problems) > 0 || c.Reports[0].Noted {
		t.Errorf("%v, %v, %+v", err, c.Problems, c.Reports)
	}
	if _, err := e.Report(t.Context(), conn, 7); err == nil || !strings.Contains(err.Error(), "there is no report 7") {
		t.Errorf("error %v", err)
	}
}
