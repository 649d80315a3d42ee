package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
)

// A Record says how an exchange came to be what it is: playing it again gives the
// same exchange, down to the last byte.
type Record struct {
	Scenario Scenario
	Advances []int // days played after the first ones
}

// Record returns how to play the exchange up to its clock.
func (x *Exchange) Record() Record {
	return Record{Scenario: x.scenario, Advances: append([]int(nil), x.advances...)}
}

// Replay plays what was recorded.
func (r Record) Replay() (*Exchange, error) {
	x, err := New(r.Scenario)
	if err != nil {
		return nil, err
	}
	for _, days := range r.Advances {
		if err := x.Advance(days); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Save writes the record to a file.
func (r Record) Save(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o666)
}

// LoadRecord reads a file that Save wrote.
func LoadRecord(file string) (Record, error) {
	var r Record
	text, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s is no record of a simulation: %w", file, err)
	}
	return r, nil
}

// Resume takes up the work on a database that another process wrote: it must hold
// what was played so far, else ErrNotOurs. The next Write appends.
func (x *Exchange) Resume(ctx context.Context, conn *pgx.Conn, schema string) error {
	if x.written {
		return errors.New("the exchange was written already; write more without resuming")
	}
	x.wrote()
	err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return x.recognize(ctx, tx, schema)
	})
	if err != nil {
		return fmt.Errorf("simulation not resumed: %w", err)
	}
	return nil
}
