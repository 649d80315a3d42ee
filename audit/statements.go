package audit

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// One signature, one effect: what a customer or a merchant signed once may be
// booked once, in whatever table and whatever run. The exchange's own constraints
// that say so may be gone, so the auditor remembers a digest of every statement
// whose signature it has verified. The digest is of what was signed, not of the
// signature, of which the signer can make several.

// statement is what a signer said in one row.
type statement struct {
	digest [16]byte
	table  string
	serial int64
	amount taler.Amount // that the statement moves; zero if it moves none
}

// statementTables are the tables whose rows are signed, each for one effect.
// The auditor's database has their numbers, which therefore stay as they are.
func statementTables() []string {
	return []string{1: "reserves_out", 2: "deposits", 3: "refresh_commitments", 4: "refresh_revealed_coins", 5: "refunds", 6: "recoup", 7: "recoup_refresh", 8: "known_coins"}
}

func numberOf(table string) int16 { return int16(slices.Index(statementTables(), table)) }

// claim notes that a row is an effect of a statement, whose signature was verified.
func (v *verdict) claim(table string, serial int64, amount taler.Amount, said taler.Statement) {
	sum := sha256.Sum256(said.AppendSigned(make([]byte, 0, 512)))
	v.statements = append(v.statements, statement{digest: [16]byte(sum[:16]), table: table, serial: serial, amount: amount})
}

// remember stages the statements of a row.
func (s *store) remember(ctx context.Context, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	s.gathering.Lock()
	defer s.gathering.Unlock()
	for i := range statements {
		relation := numberOf(statements[i].table)
		c := s.statements
		c.Begin()
		c.Bytes(statements[i].digest[:])
		c.Int16(relation)
		c.Int64(statements[i].serial)
		putAmount(c, statements[i].amount)
		if err := c.End(ctx); err != nil {
			return err
		}
		s.staged[relation]++
	}
	return nil
}

// repetition is a row that books what an earlier row booked.
type repetition struct {
	table, first             string
	serial, serialOfTheFirst int64
	amount                   taler.Amount
}

// auditStatements finds statements in rows of the given tables that were booked more
// than once (R-36, C-40, C-47), and tells whether there are any. All these rows must have
// been judged. Tables in which the same may be signed come together, each table once a run.
func auditStatements(ctx context.Context, r *run, tables ...string) (repeated bool, err error) {
	s := r.store
	relations := make([]int16, len(tables))
	for i, table := range tables {
		relations[i] = numberOf(table)
	}
	staged, err := s.flushStatements(ctx, relations)
	if err != nil {
		return false, err
	}
	kept, err := s.mergeStatements(ctx, relations)
	if err != nil || kept == staged {
		return false, err
	}
	if err := s.exec(ctx, "analyze pg_temp.staged_statements"); err != nil {
		return true, err
	}
	return true, each(ctx, s, sql.Text("audit/statements_repeated.sql"), []any{s.exchange, relations},
		func(row pgx.CollectableRow) (repetition, error) {
			var p repetition
			var table, first int16
			p.amount.Currency = r.policy.Currency
			err := row.Scan(&table, &p.serial, &p.amount.Value, &p.amount.Fraction, &first, &p.serialOfTheFirst)
			p.table, p.first = statementTables()[table], statementTables()[first]
			return p, err
		},
		func(p repetition) error {
			id, amounts := "C-40", loss(p.amount)
			switch p.table {
			case "reserves_out":
				id = "R-36"
			case "known_coins":
				id, amounts = "C-47", exposure(p.amount)
			}
			if p.amount.IsZero() {
				amounts = none
			}
			return r.find(ctx, finding(id, row(p.table, p.serial), amounts,
				[]report.Evidence{withText("first booked in", p.first), number("first booked in row", p.serialOfTheFirst), with("amount", p.amount)},
				"row %d of %s books %v that was signed once and booked already in row %d of %s", p.serial, p.table, p.amount, p.serialOfTheFirst, p.first))
		})
}

// flushStatements writes the statements gathered so far, and tells how many there are in
// rows of the given tables.
func (s *store) flushStatements(ctx context.Context, relations []int16) (int64, error) {
	s.gathering.Lock()
	defer s.gathering.Unlock()
	var staged int64
	for _, relation := range relations {
		staged += s.staged[relation]
	}
	return staged, s.statements.Flush(ctx)
}

// mergeStatements keeps those staged statements in rows of the given tables that are
// new, and returns how many these are.
func (s *store) mergeStatements(ctx context.Context, relations []int16) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, err := s.tx.Exec(ctx, sql.Text("audit/statements_merge.sql"), s.exchange, relations, s.number == 1)
	return kept.RowsAffected(), err
}
