package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/report"
	"auditor/sql"
)

// listedAlerts is how many replication alerts a report lists.
const listedAlerts = 1000

// replicationAlerts returns the open alerts of auditor-sync, if the database is a
// trusted copy. They are read in the snapshot of the audit: what is alerted later is
// in the next report.
func replicationAlerts(ctx context.Context, conn *pgx.Conn) ([]report.Alert, error) {
	var replica bool
	if err := conn.QueryRow(ctx, "select pg_catalog.to_regclass('auditor_sync.alerts') is not null").Scan(&replica); err != nil || !replica {
		return nil, err
	}
	rows, err := conn.Query(ctx, sql.Text("audit/replication_alerts.sql"), listedAlerts)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (report.Alert, error) {
		var a report.Alert
		err := row.Scan(&a.Identity, &a.Kind, &a.Table, &a.Serial, &a.Columns, &a.Ours, &a.Theirs, &a.Summary, &a.First, &a.Last, &a.Count)
		a.First, a.Last = a.First.UTC(), a.Last.UTC()
		if len(a.Columns) == 0 {
			a.Columns = nil
		}
		return a, err
	})
}
