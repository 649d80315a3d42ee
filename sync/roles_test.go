package sync

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/office"
	"auditor/internal/pgtest"
)

// S2: replication does all its work with the rights that auditor-dbinit roles gives it,
// none of which lets it change or remove a copied row.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
	roles := dbinit.Roles{
		Owner: "sync owner", Writer: "sync writer", Reader: "sync reader", Auditor: "sync auditor", Apply: true,
		Offices: map[office.Role]string{office.Auditor: "sync office auditor", office.Treasurer: "sync office treasurer", office.Performance: "sync office performance"},
	}
	for _, url := range []string{source, destination} {
		p := dbinit.Program{
			Config: &config.Config{ExchangeDB: config.Database{Config: url, Schema: "public"}},
			Part:   dbinit.Exchange, Out: io.Discard, Getenv: func(string) string { return "" },
		}
		if err := p.Roles(t.Context(), roles); err != nil {
			t.Fatal(err)
		}
	}
	writer := destination + "&user=sync%20writer"
	o := options(t, source+"&user=sync%20reader", writer)
	o.Clock = then(t, source, 0)
	run := func(verify Verify, alert string) {
		t.Helper()
		o.Verify = verify
		_, err := Run(t.Context(), o)
		if alert == "" && err != nil || alert != "" && !isDivergence(err) {
			t.Fatalf("got %v, want alert %q", err, alert)
		}
		if open := openAlerts(t, destination); len(open) > 1 || !slices.Contains(append(open, ""), alert) {
			t.Errorf("alerts %v, want %q", open, alert)
		}
	}
	late := begin(t, source, "late")
	execute(t, source, "insert into public.wire_out select wireout_uuid + 5, execution_date, sha256('new'), wire_target, exchange_account_section, 1, 0 from public.wire_out order by wireout_uuid desc limit 1")
	run(VerifyRecent, "")
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(VerifyRecent, "")
	execute(t, source, "update public.deposits set wire = wire || ' ' where deposit_serial_id = 3")
	run(VerifyFull, "altered-row/deposits/3")
	execute(t, source, "update public.deposits set wire = rtrim(wire) where deposit_serial_id = 3")
	run(VerifyFull, "")
	o.Clock = then(t, destination, 5*7*24*time.Hour)
	execute(t, source, "update public.reserves set gc_date = 9000000000000000 where gc_date = 0") // of the late one
	execute(t, source, fmt.Sprintf(collectGarbage, o.Clock().UnixMicro()))
	run(VerifyFull, "")
	o.Verify, o.Shards, o.Shard = VerifyRecent, 2, 0
	if _, errs := runShards(t.Context(), t, source, destination, 2, func(shard int, p *Options) {
		p.Source, p.Destination, p.Clock = o.Source, o.Destination, o.Clock
	}); errs[0] != nil || errs[1] != nil {
		t.Error(errs)
	}

	conn := pgtest.Connect(t, writer)
	for _, statement := range []string{
		"update public.deposits set wire = ''", "delete from public.deposits", "truncate public.refunds", "drop table public.refunds",
		"insert into auditor_sync.removed (table_name, from_serial, to_serial, sha256, as_of) values ('deposits', 1, 1, sha256(''), now())",
		"alter table public.deposits disable trigger only_grows", "set session_replication_role = replica",
	} {
		if _, err := conn.Exec(t.Context(), statement); sqlState(err) != "42501" {
			t.Errorf("%s: got %v, want that it is denied", statement, err)
		}
	}
}
