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
	if kept, err := bookkeeping(ctx, conn, "auditor_sync.alerts"); err != nil || !kept {
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

// passIncomplete tells whether the database is a trusted copy whose last pass of
// replication did not end, so that it may not be of one moment.
func passIncomplete(ctx context.Context, conn *pgx.Conn) (bool, error) {
	if kept, err := bookkeeping(ctx, conn, "auditor_sync.passes"); err != nil || !kept {
		return false, err
	}
	var incomplete bool
	err := conn.QueryRow(ctx, `select coalesce((
		select finished is null from auditor_sync.passes order by pass desc limit 1), false)`).Scan(&incomplete)
	return incomplete, err
}

// bookkeeping tells whether the database has a table of auditor-sync's.
func bookkeeping(ctx context.Context, conn *pgx.Conn, table string) (kept bool, err error) {
	err = conn.QueryRow(ctx, "select pg_catalog.to_regclass($1) is not null", table).Scan(&kept)
	return kept, err
}
