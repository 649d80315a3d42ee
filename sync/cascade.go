package sync

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// An exchange collects reserves, denominations and wire fees; all else goes along with
// the row that it refers to. So a row that is gone while everything that it refers to
// is there was not collected, whatever its dates: somebody deleted it.

// deleted returns those of the copied rows with the given serials, gone from the
// source, that refer to other rows, all of which the source still has.
func (s *session) deleted(ctx context.Context, source *pgx.Conn, sh *shape, serials []int64) ([]int64, error) {
	keys := sh.table.ForeignKeys
	if len(keys) == 0 || len(serials) == 0 {
		return nil, nil
	}
	columns := make([]string, len(keys))
	for i, fk := range keys {
		columns[i] = pgx.Identifier{fk.Column}.Sanitize() + "::text"
	}
	rows, err := s.destination.Query(ctx, fmt.Sprintf("select %s, array[%s] from only %s where %[1]s = any ($1)",
		sh.serial, strings.Join(columns, ", "), sh.relation(s.DestinationSchema)), serials)
	if err != nil {
		return nil, databaseError(Destination, s.destination, "read what rows of "+sh.table.Name+" refer to", err)
	}
	references := map[int64][]*string{}
	wanted := make([][]string, len(keys))
	var serial int64
	var values []*string
	_, err = pgx.ForEachRow(rows, []any{&serial, &values}, func() error {
		references[serial] = values
		for i, v := range values {
			if v != nil {
				wanted[i] = append(wanted[i], *v)
			}
		}
		values = nil
		return nil
	})
	if err != nil {
		return nil, databaseError(Destination, s.destination, "read what rows of "+sh.table.Name+" refer to", err)
	}
	there := make([]map[string]bool, len(keys))
	for i, fk := range keys {
		parent, column := pgx.Identifier{s.SourceSchema, fk.Table}.Sanitize(), pgx.Identifier{fk.References}.Sanitize()
		query := fmt.Sprintf("select distinct %s::text from only %s where %[1]s = any ($1::text[]::%[3]s[])", column, parent, sh.table.Column(fk.Column).Type)
		rows, err := source.Query(ctx, query, wanted[i])
		if err == nil {
			there[i] = map[string]bool{}
			var value string
			_, err = pgx.ForEachRow(rows, []any{&value}, func() error { there[i][value] = true; return nil })
		}
		if err != nil {
			return nil, databaseError(Source, source, "look for what rows of "+sh.table.Name+" refer to", err)
		}
	}
	var found []int64
	for serial, values := range references {
		whole := true
		for i, v := range values {
			whole = whole && (v == nil || there[i][*v])
		}
		if whole {
			found = append(found, serial)
		}
	}
	return found, nil
}
