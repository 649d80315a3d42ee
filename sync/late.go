package sync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// Late rows. A transaction draws its serials before it commits, so that a row can
// appear below rows that were copied before. The serials that were missing then are
// holes; they are looked for on each pass until they are given up.

// holesAtOnce bounds how many holes are looked for in one query, and how many late
// rows it returns.
const holesAtOnce = 10_000

// copyLate copies the rows of one table that turned up in holes, and gives up holes
// that are older than the horizon.
func (s *session) copyLate(ctx context.Context, sh *shape, a account) error {
	if a.holes == 0 {
		return nil
	}
	above := int64(0)
	for {
		holes, err := s.openHoles(ctx, sh, above)
		if err != nil {
			return err
		}
		if len(holes) == 0 {
			break
		}
		found, err := s.lookInto(ctx, sh, holes)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			s.Logger.InfoContext(ctx, "rows committed late", "table", sh.table.Name, "rows", len(found), "first", found[0], "last", found[len(found)-1])
			if err := s.copyRows(ctx, sh, selection{after: found[0] - 1, until: found[len(found)-1], only: found}); err != nil {
				return err
			}
		}
		if len(found) < holesAtOnce {
			above = holes[len(holes)-1].to
		}
	}
	var givenUp int64
	err := s.destination.QueryRow(ctx, sql.Text("sync/give_up.sql"), sh.table.Name, s.began.Add(-s.GapHorizon), s.began).Scan(&givenUp)
	if givenUp > 0 {
		s.changed = true
		s.Logger.InfoContext(ctx, "holes given up, their transactions seem to have been aborted", "table", sh.table.Name, "serials", givenUp)
		s.summary.GivenUp += givenUp
	}
	return databaseError(Destination, s.destination, "give up holes of "+sh.table.Name, err)
}

func (s *session) openHoles(ctx context.Context, sh *shape, above int64) ([]stretch, error) {
	rows, err := s.destination.Query(ctx, sql.Text("sync/open_holes.sql"), sh.table.Name, above, holesAtOnce)
	var holes []stretch
	if err == nil {
		holes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (g stretch, err error) {
			err = row.Scan(&g.from, &g.to)
			return g, err
		})
	}
	return holes, databaseError(Destination, s.destination, "read the holes of "+sh.table.Name, err)
}

// lookInto asks the source for serials in holes. The answer is ascending, at most
// holesAtOnce of them, and nothing but what was asked for.
func (s *session) lookInto(ctx context.Context, sh *shape, holes []stretch) ([]int64, error) {
	from, to := make([]int64, len(holes)), make([]int64, len(holes))
	for i, g := range holes {
		from[i], to[i] = g.from, g.to
	}
	query := fmt.Sprintf(`select distinct r.serial from unnest($1::bigint[], $2::bigint[]) as h (f, t)
		cross join lateral (select %s as serial from only %s where %[1]s between h.f and h.t order by 1 limit $3) as r
		order by r.serial limit $3`, sh.serial, sh.relation(s.SourceSchema))
	rows, err := s.source.Query(ctx, query, from, to, holesAtOnce)
	if err != nil {
		return nil, databaseError(Source, s.source, "look into the holes of "+sh.table.Name, err)
	}
	defer rows.Close()
	var found []int64
	for rows.Next() {
		var serial int64
		if err := rows.Scan(&serial); err != nil {
			return nil, databaseError(Source, s.source, "look into the holes of "+sh.table.Name, err)
		}
		i, _ := slices.BinarySearchFunc(holes, serial, func(g stretch, n int64) int { return cmp.Compare(g.to, n) })
		if i == len(holes) || !holes[i].holds(serial) || len(found) > 0 && serial <= found[len(found)-1] || len(found) == holesAtOnce {
			return nil, sh.violation(0, 0, exchange.Column{}, RuleStream, "an answer holds what was asked for", fmt.Sprintf("serial %d", serial), "ascending serials of holes")
		}
		found = append(found, serial)
	}
	return found, databaseError(Source, s.source, "look into the holes of "+sh.table.Name, rows.Err())
}

// recordLate notes what a batch of late rows brought: evidence, their names for the
// audit, and what is left of the holes.
func (s *session) recordLate(ctx context.Context, sh *shape, h *harvest, now time.Time) error {
	if err := s.keep(ctx, sh.table.Name, h); err != nil {
		return err
	}
	rows, err := s.destination.Query(ctx, sql.Text("sync/holes_of_late_rows.sql"), sh.table.Name, h.serials[0], h.serials[len(h.serials)-1])
	if err != nil {
		return err
	}
	var filled []int64
	rest := map[time.Time][]stretch{}
	var g stretch
	var seen time.Time
	next := 0
	_, err = pgx.ForEachRow(rows, []any{&g.from, &g.to, &seen}, func() error {
		from := next
		for next < len(h.serials) && h.serials[next] <= g.to {
			next++
		}
		if from < next {
			filled = append(filled, g.from)
			rest[seen] = append(rest[seen], g.without(h.serials[from:next])...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := s.destination.Exec(ctx, "delete from auditor_sync.holes where table_name = $1 and from_serial = any($2)", sh.table.Name, filled); err != nil {
		return err
	}
	for seen, holes := range rest {
		if err := s.addHoles(ctx, sh.table.Name, holes, seen); err != nil {
			return err
		}
	}
	_, err = s.destination.Exec(ctx, "insert into auditor_sync.late_rows (table_name, serial, seen) select $1, unnest($2::bigint[]), $3", sh.table.Name, h.serials, now)
	return err
}
