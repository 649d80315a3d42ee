package officeview

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/eventlog"
	"auditor/internal/events"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/office"
	"auditor/internal/pgtest"
	"auditor/internal/simulator/tokennet"
)

// BenchmarkEventLog measures an import of as many events as EVENT_BENCH says, and the
// reports to the three offices on them. Beside the import stands the limit: COPY of the
// same events into a table with the same index, and nothing else.
func BenchmarkEventLog(b *testing.B) {
	count := 20_000
	if text := os.Getenv("EVENT_BENCH"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	list, _ := tokennet.Day(1, simulatedDay, count)
	file, err := tokennet.Records(list)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		conn := pgtest.Connect(b, migratetest.NewDatabase(b, migrate.Auditor()))
		limit := seconds(b, func() error { return copyAlone(conn, list) })
		took := seconds(b, func() error {
			_, err := eventlog.Import(context.Background(), conn, eventlog.Node{Office: office.Auditor, Administrative: []uint16{130, 140}},
				eventlog.Source{Name: "bench", Data: bytes.NewReader(file), Latest: simulatedDay.AddDate(0, 0, 2)})
			return err
		})
		b.ReportMetric(took, "s/import")
		b.ReportMetric(took/limit, "x-copy")
		if _, err := conn.Exec(context.Background(), "analyze event_log.events"); err != nil {
			b.Fatal(err)
		}
		for _, o := range office.Roles() {
			if _, err := conn.Exec(context.Background(), "update event_log.node set office = $1", o); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(seconds(b, func() error {
				_, err := EventLog(context.Background(), conn, Request{Office: o, Made: simulatedDay, Limit: 100})
				return err
			}), "s/"+string(o))
		}
	}
}

func seconds(b *testing.B, do func() error) float64 {
	b.Helper()
	before := b.Elapsed()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return (b.Elapsed() - before).Seconds()
}

// copyAlone copies events into a table of their own.
func copyAlone(conn *pgx.Conn, list []events.Event) error {
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "create temporary table alone (like event_log.events including indexes)"); err != nil {
		return err
	}
	i := -1
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"alone"}, []string{"at", "event_id", "amount", "service", "nanoseconds", "status", "user_id", "ip"},
		pgx.CopyFromFunc(func() ([]any, error) {
			if i++; i == len(list) {
				return nil, nil
			}
			e := &list[i]
			return []any{e.Time, int64(e.ID), int64(e.Amount), int32(e.Service), int32(e.Nanoseconds), int32(e.Status), [16]byte(e.User), e.IP}, nil
		}))
	return err
}
