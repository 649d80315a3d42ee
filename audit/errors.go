package audit

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// DefectError says that the program found a defect of its own. Nothing is stored.
type DefectError struct{ Message string }

func (e *DefectError) Error() string { return e.Message + "; please report this defect" }

// ExitStatus is that of an internal error.
func (e *DefectError) ExitStatus() int { return 4 }

// numericOverflow is PostgreSQL's code for a number that does not fit.
const numericOverflow = "22003"

// arithmetic turns PostgreSQL's error about a number that does not fit into an
// ArithmeticError about the figure; other errors stay what they are.
func arithmetic(figure string, err error) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == numericOverflow {
		return &ArithmeticError{Figure: figure, Err: err}
	}
	return err
}
