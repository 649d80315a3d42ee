package evidence

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// Columns returns the columns of a table that are evidence, for a query that reads
// them from a relation of the given alias: the serial, then the others that never
// change, in the order of the registry.
func Columns(t *exchange.Table, alias string) string {
	columns := []string{alias + "." + pgx.Identifier{t.Serial}.Sanitize()}
	for _, column := range t.Columns {
		if column.Name != t.Serial && !column.Mutable {
			columns = append(columns, alias+"."+pgx.Identifier{column.Name}.Sanitize())
		}
	}
	return strings.Join(columns, ", ")
}

// Image returns the stable image of a row: its tuple in binary COPY format. The values
// are those of [Columns], in binary form.
func Image(values [][]byte) []byte {
	image := binary.BigEndian.AppendUint16(nil, uint16(len(values)))
	for _, v := range values {
		if v == nil {
			image = binary.BigEndian.AppendUint32(image, math.MaxUint32)
			continue
		}
		image = binary.BigEndian.AppendUint32(image, uint32(len(v)))
		image = append(image, v...)
	}
	return image
}
