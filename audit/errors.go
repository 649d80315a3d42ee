package audit

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

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
