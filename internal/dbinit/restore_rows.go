package dbinit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"auditor/internal/exchange"
	"auditor/sql"
)

// streamed is how many bytes of rows are in memory on their way, twice.
const streamed = 256 << 10

// lock keeps everybody else out of the target until all is there.
func (r *restorer) lock(ctx context.Context) error {
	var relations []string
	for _, t := range r.tables() {
		relations = append(relations, pgx.Identifier{r.Schema, t.Name}.Sanitize())
	}
	if _, err := r.target.Exec(ctx, "lock table only "+strings.Join(relations, ", only ")+" in access exclusive mode"); err != nil {
		return err
	}
	return r.checkEmpty(ctx)
}

// copyAll copies every replicated table, parents before children.
func (r *restorer) copyAll(ctx context.Context) error {
	for _, t := range r.tables() {
		if err := r.copyTable(ctx, t); err != nil {
			return fmt.Errorf("restoring %s: %w", t.Name, err)
		}
	}
	return nil
}

// copyTable lets the rows of a table flow from one server to the other. If one side
// ends with an error, so does the other.
func (r *restorer) copyTable(ctx context.Context, t *exchange.Table) error {
	quoted := make([]string, len(t.Columns))
	for i, name := range t.ColumnNames() {
		quoted[i] = pgx.Identifier{name}.Sanitize()
	}
	columns := strings.Join(quoted, ", ")
	read := fmt.Sprintf("copy (select %s from (%s) as q order by %s) to stdout (format binary)", columns, r.query(t), pgx.Identifier{t.Serial}.Sanitize())
	write := fmt.Sprintf("copy %s (%s) from stdin (format binary)", pgx.Identifier{r.Schema, t.Name}.Sanitize(), columns)

	reader, writer := io.Pipe()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		buffer := bufio.NewWriterSize(writer, streamed)
		tag, err := r.source.PgConn().CopyTo(ctx, buffer, read)
		if err == nil {
			err = buffer.Flush()
		}
		r.rows[t.Name] = tag.RowsAffected()
		_ = writer.CloseWithError(err) // never fails
		return err
	})
	group.Go(func() error {
		_, err := r.target.PgConn().CopyFrom(ctx, reader, write)
		_ = reader.CloseWithError(err) // never fails
		return err
	})
	return group.Wait()
}

// query returns what is read of a table: its rows, with current values in place of
// those that the exchange changes.
func (r *restorer) query(t *exchange.Table) string {
	switch t.Name {
	case "reserves", "deposits":
		text := sql.InSchema(sql.Text("restore/"+t.Name+".sql"), r.rules.Schema)
		return strings.ReplaceAll(text, ":states", r.rules.ReserveStates())
	}
	return "select * from only " + pgx.Identifier{r.rules.Schema, t.Name}.Sanitize()
}

// setSequences lets the sequences of the target go on behind every serial that was
// ever used, those of rows that were collected as garbage included.
func (r *restorer) setSequences(ctx context.Context) error {
	rows, err := r.source.Query(ctx, "select table_name, max(to_serial) from auditor_sync.removed group by table_name")
	if err != nil {
		return err
	}
	removed := map[string]int64{}
	var table string
	var highest int64
	if _, err := pgx.ForEachRow(rows, []any{&table, &highest}, func() error { removed[table] = highest; return nil }); err != nil {
		return err
	}
	for _, t := range r.tables() {
		relation := pgx.Identifier{r.Schema, t.Name}.Sanitize()
		var at *int64
		err := r.target.QueryRow(ctx, fmt.Sprintf(`select case when s.highest > 0 then setval(pg_get_serial_sequence($1, $2), s.highest) else 0 end
			from (select greatest(max(%s), $3) as highest from only %s) as s`, pgx.Identifier{t.Serial}.Sanitize(), relation),
			relation, t.Serial, removed[t.Name]).Scan(&at)
		if err != nil {
			return fmt.Errorf("setting the sequence of %s: %w", t.Name, err)
		}
		if at == nil {
			return fmt.Errorf("column %s of %s has no sequence: let auditor-dbinit restore create the tables in an empty database", t.Serial, t.Name)
		}
	}
	return nil
}

// verify counts the rows of the target.
func (r *restorer) verify(ctx context.Context) error {
	for _, t := range r.tables() {
		var n int64
		if err := r.target.QueryRow(ctx, "select count(*) from only "+pgx.Identifier{r.Schema, t.Name}.Sanitize()).Scan(&n); err != nil {
			return fmt.Errorf("counting the rows of %s: %w", t.Name, err)
		}
		if n != r.rows[t.Name] {
			return fmt.Errorf("%d rows of %s were sent and %d arrived, so nothing was restored: look for triggers and rules on the table", r.rows[t.Name], t.Name, n)
		}
	}
	return nil
}
