package exchange

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// maxValueText is how many characters of a value are shown, of PostgreSQL's text form.
const maxValueText = 4096

// ColumnText is a value of a row, for people.
type ColumnText struct {
	Column string
	Text   string // keys, hashes and signatures in base32, other bytes in hexadecimal, times as both date and number
}

// RowText reads a row of an exchange's database, whatever is wrong with it, for people to look
// at. It returns nothing if there is no such row. Values of more than 4096 characters are cut
// off, which is shown.
func RowText(ctx context.Context, conn *pgx.Conn, schema string, t *Table, serial int64) ([]ColumnText, error) {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = fmt.Sprintf("left(%s::text, %d)", pgx.Identifier{c.Name}.Sanitize(), maxValueText+1)
	}
	query := fmt.Sprintf("select array[%s] from %s where %s = $1", strings.Join(columns, ", "),
		pgx.Identifier{schema, t.Name}.Sanitize(), pgx.Identifier{t.Serial}.Sanitize())
	var values []*string
	switch err := conn.QueryRow(ctx, query, serial).Scan(&values); {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s, serial %d: %w", t.Name, serial, err)
	}
	row := make([]ColumnText, len(values))
	for i, v := range values {
		row[i] = ColumnText{Column: t.Columns[i].Name, Text: t.Columns[i].text(v)}
	}
	return row, nil
}

// text is a value for people, given as PostgreSQL's text of it.
func (c *Column) text(value *string) string {
	if value == nil {
		return "null"
	}
	text := *value
	if cut := []rune(text); len(cut) > maxValueText {
		return string(cut[:maxValueText]) + " …"
	}
	switch {
	case c.Type == Bytea:
		text = strings.TrimPrefix(text, `\x`)
		if raw, err := hex.DecodeString(text); err == nil && c.Role != Blob {
			return taler.EncodeBase32(raw)
		}
	case c.Role == Time:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return fmt.Sprintf("%v (%d)", taler.Timestamp(n), n)
		}
	}
	return text
}
