package audit

import (
	"strings"
	"testing"

	"auditor/internal/pg"
)

// A report on a trusted copy shows what replication complained about as long as it
// is open, and nothing where there is no replication.
func TestReplicationAlertsAreReported(t *testing.T) {
	b := real(t, "small")
	if alerts := b.audit().Alerts; len(alerts) > 0 {
		t.Errorf("a production database has alerts: %v", alerts)
	}
	trusted := b.replicate()
	b.opt.Exchange = connectTo(trusted, pg.ReadOnly())
	if alerts := b.audit().Alerts; len(alerts) > 0 {
		t.Errorf("alerts without a reason: %v", alerts)
	}
	b.run(trusted, `insert into auditor_sync.alerts (identity, kind, table_name, serial, columns, ours, theirs, summary, first_seen, last_seen, count, resolved) values
		('b', 'altered-row', 'deposits', 2, '{wire}', 'ours', 'theirs', 'altered', '2026-01-02', '2026-01-03', 7, null),
		('a', 'schema', 'recoup', null, '{}', 'present', 'missing', 'gone', '2026-01-01', '2026-01-01', 1, null),
		('c', 'deleted-row', 'deposits', 3, '{}', 'a row', 'no row', 'deleted', '2026-01-01', '2026-01-01', 1, '2026-01-02')`)
	alerts := b.audit().Alerts
	if len(alerts) != 2 || alerts[0].Identity != "a" || alerts[0].Serial != nil || alerts[1].Identity != "b" {
		t.Fatalf("got %+v, want the two that are open, the oldest first", alerts)
	}
	if a := alerts[1]; a.Kind != "altered-row" || a.Table != "deposits" || *a.Serial != 2 || strings.Join(a.Columns, " ") != "wire" ||
		a.Ours != "ours" || a.Theirs != "theirs" || a.Summary != "altered" || a.Count != 7 || !a.First.Before(a.Last) {
		t.Errorf("got %+v", a)
	}
}
