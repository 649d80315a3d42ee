package exchange

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/sql"
)

// Source is an exchange database as a layout describes it, in a schema, in a
// currency that the database itself does not record.
type Source struct {
	Layout   *Layout
	Schema   string
	Currency taler.Currency
}

// Relation is a canonical relation: rows of one meaning, with a serial,
// whatever tables a layout keeps them in. Queries come from the layout; the
// decoding of a row is the same for all layouts.
type Relation[T any] struct {
	Name   string // of the layout's query
	Table  string // that holds the serial, as findings name it
	decode func(*decoder, *T)
}

// Span is the range of serials from From up to, but not including, To.
type Span struct{ From, To int64 }

// All reads the whole relation in the order of serials. It suits only
// relations that are small by nature, such as denominations.
func (r Relation[T]) All(ctx context.Context, conn *pgx.Conn, src Source, yield func(T) error) error {
	return r.query(ctx, conn, src, "select q.* from (%s) as q order by q.serial", yield)
}

// Above reads at most limit rows with serials of from and more, in the order
// of serials. The highest number of all is no serial: nothing can follow it.
func (r Relation[T]) Above(ctx context.Context, conn *pgx.Conn, src Source, from int64, limit int, yield func(T) error) error {
	return r.query(ctx, conn, src,
		"select q.* from (%s) as q where q.serial >= $1 and q.serial < 9223372036854775807 order by q.serial limit $2", yield, from, limit)
}

// Within reads the rows whose serials lie in the spans, in the order of
// serials. Spans must not overlap. The index of the serials is asked for each span by
// itself: a join would rather read the whole table once.
func (r Relation[T]) Within(ctx context.Context, conn *pgx.Conn, src Source, spans []Span, yield func(T) error) error {
	from, to := make([]int64, len(spans)), make([]int64, len(spans))
	for i, s := range spans {
		from[i], to[i] = s.From, s.To
	}
	return r.query(ctx, conn, src,
		`select q.* from unnest($1::bigint[], $2::bigint[]) as s (low, high)
		 cross join lateral (select r.* from (%s) as r where r.serial >= s.low and r.serial < s.high order by r.serial offset 0) as q
		 order by q.serial`, yield, from, to)
}

// Highest returns the highest serial of the relation's table, or 0 if it is empty.
func (r Relation[T]) Highest(ctx context.Context, conn *pgx.Conn, src Source) (int64, error) {
	var highest int64
	err := conn.QueryRow(ctx, fmt.Sprintf(
		"select coalesce((select q.serial from (%s) as q order by q.serial desc limit 1), 0)", queryText(src, r.Name))).Scan(&highest)
	if err != nil {
		return 0, fmt.Errorf("highest serial of %s: %w", r.Table, err)
	}
	return highest, nil
}

// queryText returns a query of the source's layout, for the source's schema.
func queryText(src Source, name string) string {
	return sql.InSchema(sql.Text("relations/"+src.Layout.Name+"/"+name+".sql"), src.Schema)
}

func (r Relation[T]) query(ctx context.Context, conn *pgx.Conn, src Source, frame string, yield func(T) error, args ...any) error {
	args = append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)
	rows, err := conn.Query(ctx, fmt.Sprintf(frame, queryText(src, r.Name)), args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", r.Table, err)
	}
	defer rows.Close()
	d := decoder{currency: src.Currency, fields: rows.FieldDescriptions()}
	var row, empty T // one for all rows: what is yielded is a copy
	for rows.Next() {
		row = empty
		d.begin(rows.RawValues())
		r.decode(&d, &row)
		if err := yield(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", r.Table, err)
	}
	return nil
}
