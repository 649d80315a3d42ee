package sync

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// alertsAtOnce bounds how many open alerts are looked at in one go, and how many
// alerts one pass raises.
const alertsAtOnce = 1000

// recheck looks again at the rows that open alerts are about, in the snapshot of
// the pass, and closes the alerts whose rows are in order again.
func (s *session) recheck(ctx context.Context) ([]Alert, error) {
	var persisting []Alert
	for last := ""; len(persisting) == 0; {
		rows, err := s.destination.Query(ctx, sql.Text("sync/open_alerts.sql"), s.own(), last, alertsAtOnce)
		if err != nil {
			return nil, databaseError(Destination, s.destination, "read open alerts", err)
		}
		identities := map[string][]string{} // by table
		serials := map[string][]int64{}
		var id, table string
		var serial int64
		count := 0
		_, err = pgx.ForEachRow(rows, []any{&id, &table, &serial}, func() error {
			identities[table] = append(identities[table], id)
			serials[table] = append(serials[table], serial)
			last = id
			count++
			return nil
		})
		if err != nil {
			return nil, databaseError(Destination, s.destination, "read open alerts", err)
		}
		for _, sh := range s.shapes {
			var closed []string
			for i, serial := range serials[sh.table.Name] {
				v, err := s.judge(ctx, s.source, sh, serial)
				if err != nil {
					return nil, err
				}
				if v.alert == nil || v.alert.Identity() != identities[sh.table.Name][i] {
					closed = append(closed, identities[sh.table.Name][i])
				}
				if v.alert != nil {
					if err := s.report(ctx, v.alert); err != nil {
						return nil, err
					}
					persisting = append(persisting, *v.alert)
				}
			}
			if err := s.resolve(ctx, closed); err != nil {
				return nil, err
			}
			if len(closed) > 0 {
				s.Logger.InfoContext(ctx, "rows are in order again, alerts are closed", "table", sh.table.Name, "alerts", len(closed))
			}
		}
		if count < alertsAtOnce {
			break
		}
	}
	return persisting, nil
}

// behind looks for tables whose highest serial is below what was copied. Garbage
// collection may explain it; if not, a second look in a fresh snapshot decides.
func (s *session) behind(ctx context.Context, accounts []account, highest []int64) ([]Alert, error) {
	var alerts []Alert
	for i, sh := range s.shapes {
		name := sh.table.Name
		if !s.owns(name) || highest[i] >= accounts[i].highest || s.explained[name] == [2]int64{highest[i], accounts[i].highest} {
			continue
		}
		lowest, err := s.unexplained(ctx, sh, highest[i])
		if err != nil {
			return nil, err
		}
		if lowest == 0 {
			s.explained[name] = [2]int64{highest[i], accounts[i].highest}
			continue
		}
		again, err := s.highestNow(ctx, sh)
		if err != nil {
			return nil, err
		}
		a := Alert{
			Kind: SourceBehind, Table: name, Serial: &lowest,
			Ours: fmt.Sprintf("highest serial %d", accounts[i].highest), Theirs: "highest serial " + serialOrNone(again),
		}
		a.Summary = fmt.Sprintf("%s: the source went back in time: its highest serial is %s, but rows up to serial %d were copied; serial %d is the first that is gone",
			name, serialOrNone(again), accounts[i].highest, lowest)
		if again >= accounts[i].highest {
			a.Kind, a.Theirs = FlappingRow, "highest serial "+serialOrNone(highest[i])+", then "+serialOrNone(again)
			a.Summary = fmt.Sprintf("%s, serial %d: the source went back in time for a moment: its highest serial was %s, and %s when it was read again", name, lowest, serialOrNone(highest[i]), serialOrNone(again))
		}
		if err := s.report(ctx, &a); err != nil {
			return nil, err
		}
		alerts = append(alerts, a)
	}
	return alerts, nil
}

func serialOrNone(n int64) string {
	if n == math.MinInt64 {
		return "none (it has no rows)"
	}
	return fmt.Sprint(n)
}

// highestNow returns a table's highest serial in a fresh snapshot.
func (s *session) highestNow(ctx context.Context, sh *shape) (int64, error) {
	conn, err := s.openSource(ctx)
	if err != nil {
		return 0, err
	}
	defer hangUp(conn)
	highest, err := highestSerials(ctx, Source, conn, s.SourceSchema, []*shape{sh})
	if err != nil {
		return 0, err
	}
	return highest[0], nil
}

// unexplained returns the lowest copied serial above the source's highest that no
// exchange may have collected, 0 if there is none.
func (s *session) unexplained(ctx context.Context, sh *shape, highest int64) (int64, error) {
	if err := s.findCollectable(ctx, sh); err != nil {
		return 0, err
	}
	var lowest *int64
	err := s.destination.QueryRow(ctx, fmt.Sprintf(`select min(t.%s) from only %s as t where t.%[1]s > $1
		and not exists (select from auditor_sync.collectable as c where c.table_name = $2 and c.serial = t.%[1]s)`,
		sh.serial, sh.relation(s.DestinationSchema)), highest, sh.table.Name).Scan(&lowest)
	if err != nil {
		return 0, databaseError(Destination, s.destination, "look for rows that are gone", err)
	}
	if lowest == nil {
		return 0, nil
	}
	return *lowest, nil
}
