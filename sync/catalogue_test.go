package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/catalogue"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// promiseOf is the promise of which an alert says that the source broke it.
var promiseOf = map[Kind]string{
	AlteredRow: "S5", DeletedRow: "S5", FlappingRow: "S5", BackDatedRow: "S3", SourceBehind: "S8",
	BadRow: "S6", BadSchema: "S7", Unguarded: "S7",
}

// promised says whether an id of the catalogue is that of a promise.
func promised(id string) bool { return promises[id] != "" }

// Each fraud of the catalogue that replication must notice is noticed: after the
// exchange was copied and its holes were given up, the deed raises the alerts that its
// entry expects, and none of a kind that it does not speak of if nobody else can notice
// it.
func TestFraudsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	scenario := simulator.DefaultScenario(1)
	scenario.Days, scenario.Reserves, scenario.WithdrawalsPerReserve, scenario.KeySeed = 76, 12, 3, 1
	scenario.RevokeDenominationAfter = 46 * 24 * time.Hour
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	entries := catalogue.Entries()
	if testing.Short() {
		entries = entries[len(entries)/2:] // enough for the race detector
	}
	for _, e := range entries {
		if e.Area != catalogue.AreaReplication && !slices.ContainsFunc(e.Refs, promised) {
			continue
		}
		played++
		t.Run(e.Name, func(t *testing.T) {
			source, destination := copiedExchange(t, play)
			o := options(t, source, destination)
			o.Clock = func() time.Time { return play.Clock().Add(longAfter) }
			conn := pgtest.Connect(t, source)
			scene, err := catalogue.Open(t.Context(), conn, "public", play)
			if err != nil {
				t.Fatal(err)
			}
			expected, err := e.Commit(t.Context(), scene)
			if err != nil {
				t.Fatal(err)
			}
			for _, o.Verify = range []Verify{VerifyRecent, VerifyFull} {
				_, err = Run(t.Context(), o)
			}
			raised := texts(t, destination, "select kind || ' ' || table_name || ' ' || coalesce(serial, 0) from auditor_sync.alerts where resolved is null")
			for i, r := range raised {
				kind, rest, _ := strings.Cut(r, " ")
				raised[i] = promiseOf[Kind(kind)] + " " + rest
				if e.Area == catalogue.AreaReplication && !slices.Contains(e.Refs, promiseOf[Kind(kind)]) {
					t.Errorf("an alert %s, which the entry does not speak of", r)
				}
			}
			for _, x := range expected {
				if !promised(x.Check) || !x.When.Meets(catalogue.Between) {
					continue
				}
				if x.Check == "S6" && x.Serial < 0 { // which is a violation in a first copy, and later back-dated as well
					x.Check = "S3"
				}
				want := fmt.Sprintf("%s %s %d", x.Check, x.Table, x.Serial)
				if !slices.ContainsFunc(raised, func(r string) bool {
					return r == want || x.Serial == 0 && strings.HasPrefix(r, x.Check+" "+x.Table+" ")
				}) {
					t.Errorf("no alert %s among %q; replication ended with %v", want, raised, err)
				}
			}
		})
	}
	if played == 0 {
		t.Error("the catalogue has no frauds for replication")
	}
}

// longAfter is when holes of a simulated exchange's life have been given up.
const longAfter = 48 * time.Hour

// copiedExchange returns a simulated exchange, and the copy of it from which nothing is
// missing and whose holes were given up.
func copiedExchange(t *testing.T, play *simulator.Exchange) (source, destination string) {
	t.Helper()
	build := func(ctx context.Context, url string, fill func(*pgx.Conn) error, components ...migrate.Component) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if err := createTables(ctx, conn, components...); err != nil {
			return err
		}
		return fill(conn)
	}
	source = pgtest.NewDatabaseFrom(t, "catalogue", func(ctx context.Context, url string) error {
		return build(ctx, url, func(conn *pgx.Conn) error { return play.Write(ctx, conn, "public") }, migrate.Exchange("public"))
	})
	destination = pgtest.NewDatabaseFrom(t, "catalogue copied", func(ctx context.Context, url string) error {
		return build(ctx, url, func(*pgx.Conn) error {
			o := options(t, source, url)
			o.Logger = nil
			for _, later := range []time.Duration{0, longAfter} {
				o.Clock = func() time.Time { return play.Clock().Add(later) }
				if _, err := Run(ctx, o); err != nil {
					return err
				}
			}
			return nil
		}, migrate.Exchange("public"), migrate.Replica("public"))
	})
	return source, destination
}
