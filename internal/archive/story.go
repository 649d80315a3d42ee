package archive

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"auditor/report"
	"auditor/sql"
)

// Story returns what became of a finding.
func (e *Exchange) Story(ctx context.Context, conn *pgx.Conn, id Identity) (*report.Story, error) {
	f, err := e.Finding(ctx, conn, id)
	if err != nil {
		return nil, err
	}
	s := &report.Story{Finding: *f}
	identity, err := hex.DecodeString(f.Identity)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, sql.Text("archive/finding_periods.sql"), e.ID, identity)
	if err != nil {
		return nil, err
	}
	s.Periods, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p report.Period, err error) {
		err = row.Scan(&p.From, &p.FromAsOf, &p.Until, &p.UntilAsOf)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	rows, err = conn.Query(ctx, `select entered, name, reason, withdrawn from auditor.acknowledgements
		where exchange_id = $1 and identity = $2 order by number`, e.ID, identity)
	if err != nil {
		return nil, err
	}
	s.Entries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[report.Entry])
	return s, err
}
