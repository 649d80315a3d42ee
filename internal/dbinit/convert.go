package dbinit

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// judgeConversion makes sure that the tables which an exchange's own tools created
// are, after the data in them was moved, those of the layout with all its keys and
// constraints. A missing index only makes things slow.
func (d *database) judgeConversion(ctx context.Context, conn *pgx.Conn) error {
	differences, err := exchange.Inspect(ctx, conn, d.main.Schema, exchange.Layout2021())
	if err != nil {
		return err
	}
	problem := &ConversionError{Database: conn.Config().Database}
	for _, difference := range differences {
		if difference.Aspect != exchange.AspectIndex {
			problem.Differences = append(problem.Differences, difference)
		}
	}
	if len(problem.Differences) > 0 {
		return problem
	}
	return nil
}

// ConversionError says that moving data did not lead to the tables of the layout.
type ConversionError struct {
	Database    string
	Differences []exchange.Difference
}

func (e *ConversionError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "database %q was left as it was, because its tables would not be those of layout 2021 after moving the data:", e.Database)
	for _, d := range e.Differences {
		fmt.Fprintf(&b, "\n  %s", d)
	}
	b.WriteString("\nmend the tables, or upgrade them with the exchange's own tools of their release")
	return b.String()
}

// ExitStatus is the exit status of a program that cannot use a database.
func (e *ConversionError) ExitStatus() int { return 2 }
