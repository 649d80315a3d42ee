//go:build linux

package sync

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
)

// exchangeDatabase is the name of the exchange's database in the manual.
const exchangeDatabase = "taler-exchange"

// TestLogicalReplication sets up a production database, an ingress database and the
// replication between them with nothing but the blocks of the manual, and copies on
// into a trusted database while production goes on.
func TestLogicalReplication(t *testing.T) {
	ca := newAuthority(t)
	production := startServer(t, "production.exchange.example", fenced(t, "text", "production pg_hba.conf, logical"), ca,
		fenced(t, "ini", "production"), fenced(t, "ini", "production, logical"))
	ingress := startServer(t, "ingress.auditor.example", fenced(t, "text", "ingress pg_hba.conf"), ca,
		fenced(t, "ini", "ingress, logical"), "ssl = on")
	source, replica := createExchange(t, production), createExchange(t, ingress)
	play := newPlay(t)
	write(t, play, source)

	execute(t, source, fenced(t, "sql", "production role"))
	execute(t, source, "alter role auditor_replication password '"+testPassword+"'")
	for _, label := range []string{"production, logical", "replica identity", "publication"} {
		execute(t, source, fenced(t, "sql", label))
	}
	wantPublished(t, source)
	execute(t, replica, fenced(t, "sql", "replica identity"))
	execute(t, replica, fenced(t, "sql", "ingress checks"))
	execute(t, replica, located(t, fenced(t, "sql", "subscription"), ca, production, ingress.folder(t)))
	awaitTables(t, replica)
	awaitIngress(t, source)

	destination := newDestination(t)
	o := options(t, replica, destination)
	createReader(t, replica)
	o.Source = asReader(t, ca, ingress.address)
	for round := range 3 {
		if round > 0 {
			if err := play.Advance(4); err != nil {
				t.Fatal(err)
			}
			write(t, play, source)
			awaitIngress(t, source)
		}
		summary, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Rows == 0 {
			t.Errorf("nothing was copied in round %d", round)
		}
		wantEqual(t, source, replica)
		wantSameFixedColumns(t, source, destination)
	}

	// An upgrade of the exchange, as the ingress sees it.
	execute(t, replica, fenced(t, "sql", "before the upgrade"))
	for statement := range strings.Lines(fenced(t, "sql", "after the upgrade")) {
		execute(t, replica, statement)
	}

	// What production does to rows that have no primary key is seen, and does not fail.
	execute(t, source, `update public.reserves_in set wire_reference = wire_reference + 1000000 where reserve_in_serial_id = 1;
		delete from public.reserves_in where reserve_in_serial_id = 2`)
	// A malformed row arrives, and auditor-sync is the one to stop.
	execute(t, source, unguard)
	execute(t, source, `insert into public.exchange_sign_keys (exchange_pub, master_sig, valid_from, expire_sign, expire_legal)
		values ('short', sha512('signature'), 0, 0, 0)`)
	awaitIngress(t, source)
	wantEqual(t, source, replica)
	_, err := Run(t.Context(), o)
	if v, ok := errors.AsType[*Violation](err); !ok || v.Table != "exchange_sign_keys" || v.Rule != RuleLength {
		t.Errorf("got %v, want a violation of the length of a key", err)
	}

	labels := []string{"lag, logical"}
	if number(t, replica, "select current_setting('server_version_num')::int") >= 150000 {
		labels = append(labels, "errors, logical")
	}
	for _, label := range labels {
		wantRow(t, replica, fenced(t, "sql", label))
	}
	ingress.allow(t, fenced(t, "text", "trusted pg_hba.conf"))
	wantRow(t, source, fenced(t, "sql", "slots, production"))

	// The ingress is given up.
	for statement := range strings.Lines(fenced(t, "sql", "again, logical")) {
		execute(t, replica, statement)
	}
	awaitQuery(t, source, "select not active from pg_replication_slots where slot_name = 'auditor'")
	execute(t, source, "select pg_drop_replication_slot('auditor')")
}

// createExchange creates the exchange's database with empty tables.
func createExchange(t *testing.T, s server) (url string) {
	t.Helper()
	if err := s.CreateDatabase(t.Context(), exchangeDatabase); err != nil {
		t.Fatal(err)
	}
	url = s.URL(exchangeDatabase)
	conn := pgtest.Connect(t, url)
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return url
}

// wantPublished checks that the publication and the rights of its reader are for
// exactly the tables that are copied, and that every change of them can be published.
func wantPublished(t *testing.T, url string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	var want []string
	for _, table := range exchange.Layout2021().Replicated() {
		want = append(want, table.Name)
		for _, change := range []string{"delete from public.%s where false", "update public.%s set %s = %[2]s where false"} {
			if strings.HasPrefix(change, "delete") {
				change = fmt.Sprintf(change, table.Name)
			} else {
				change = fmt.Sprintf(change, table.Name, table.Serial)
			}
			if _, err := conn.Exec(t.Context(), change); err != nil {
				t.Errorf("%s: %v", change, err)
			}
		}
	}
	slices.Sort(want)
	for _, query := range []string{
		"select tablename::text from pg_publication_tables where pubname = 'auditor'",
		"select table_name::text from information_schema.table_privileges where grantee = 'auditor_replication'",
	} {
		rows, _ := conn.Query(t.Context(), query)
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", query, got, want)
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// located puts the places of this test into a text of the manual that connects the
// ingress to production, and the files that it names into a folder.
func located(t *testing.T, text string, ca *authority, production server, folder string) string {
	t.Helper()
	passwords := strings.ReplaceAll(fenced(t, "text", "ingress pgpass"), "change-me", testPassword)
	return replaceAll(t, text, map[string]string{
		"host=production.exchange.example":    "host=production.exchange.example hostaddr=" + production.address,
		"/var/lib/postgresql/exchange.pgpass": saveAs(t, folder, "exchange.pgpass", []byte(passwords)),
		"/etc/postgresql/exchange-ca.crt":     ca.save(t, folder),
	})
}

// replaceAll makes replacements, each of which must have something to replace.
func replaceAll(t *testing.T, text string, replacements map[string]string) string {
	t.Helper()
	for from, to := range replacements {
		if !strings.Contains(text, from) {
			t.Fatalf("the manual does not say %q here:\n%s", from, text)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

// createReader creates the role that auditor-sync has in the ingress.
func createReader(t *testing.T, url string) {
	t.Helper()
	execute(t, url, `create role auditor_sync_source login password '`+testPassword+`';
		grant usage on schema public to auditor_sync_source;
		grant select on all tables in schema public to auditor_sync_source`)
}

// asReader connects to the ingress as the manual's ingress.toml has it: as that role,
// with TLS and a password.
func asReader(t *testing.T, ca *authority, address string) Connect {
	t.Helper()
	folder := t.TempDir()
	text := replaceAll(t, fenced(t, "toml", "ingress.toml"), map[string]string{
		"host=ingress.auditor.example":                           "host=" + address,
		"/etc/auditor/ingress-ca.crt":                            ca.save(t, folder),
		"/run/credentials/auditor-sync.service/ingress.password": saveAs(t, folder, "ingress.password", []byte(testPassword)),
	})
	file := filepath.Join(folder, "ingress.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.NeedExchangeDB)
	if err != nil {
		t.Fatal(err)
	}
	password, err := c.ExchangeDB.Password(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: c.ExchangeDB.Config, Password: password, AppName: "auditor-sync"}, pg.MaxMessage(MaxMessage), pg.MaxAnswer(MaxAnswer))
	}
}

// awaitTables waits until the subscription has copied all tables.
func awaitTables(t *testing.T, replica string) {
	t.Helper()
	awaitQuery(t, replica, "select count(*) = $1 from pg_subscription_rel", len(exchange.Layout2021().Replicated()))
	query := strings.TrimSuffix(strings.TrimSpace(fenced(t, "sql", "tables that are being copied")), ";")
	awaitQuery(t, replica, "select count(*) = 0 from ("+query+") as q")
}

// awaitIngress waits until the ingress has everything that production has committed,
// by the manual's query of the lag. Throw-away servers commit before they write; one
// real commit makes them catch up.
func awaitIngress(t *testing.T, source string) {
	t.Helper()
	execute(t, source, "begin; set local synchronous_commit = on; select pg_logical_emit_message(true, 'test', ''); commit")
	query := strings.TrimSuffix(strings.TrimSpace(fenced(t, "sql", "lag, production")), ";")
	awaitQuery(t, source, "select coalesce(bool_and(bytes_behind = 0), false) from ("+query+") as q")
}

// wantRow checks that a query of the manual answers.
func wantRow(t *testing.T, url, query string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	rows, _ := conn.Query(t.Context(), query)
	found, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil || len(found) == 0 {
		t.Errorf("%d rows and %v from\n%s", len(found), err, query)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
