// Package archive is the memory of audits: the reports and findings of the past, who
// acknowledged which of them, and the proof that nobody rewrote any of it.
//
// Reports of one exchange are numbered from 1 and form a chain. Each is kept byte for
// byte and names the SHA-256 of the one before it. Beside each lies a note, the
// checkpoint of a transparency log (c2sp.org/tlog-checkpoint) whose records are the
// reports up to that one; it may be signed ([Key]). Where a trusted copy was audited,
// report and note also hold a root for each table of the copy, which stands for every
// row that the copy ever took in. So [Chain] proves, from nothing but files, that a
// later report extends an earlier one, and [Copy] that the rows that were audited are
// still what they were.
//
// The auditor's database is trusted no more than needed: whoever changes a report, a
// note, the evidence or a row is told of. Whoever can rewrite all reports and their
// notes can only be told from a copy of an earlier one, or by the signature.
package archive

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// Exchange is an exchange that the auditor's database knows.
type Exchange struct {
	ID        int32
	MasterPub taler.EddsaPublicKey
	BaseURL   string
	Currency  taler.Currency
}

// UnknownExchangeError says that the auditor's database does not know an exchange.
type UnknownExchangeError struct{ MasterPub taler.EddsaPublicKey }

func (e *UnknownExchangeError) Error() string {
	return fmt.Sprintf("the exchange with the master key %v was never audited with this database; check the configuration, or the key after -m", e.MasterPub)
}

// ExitStatus is that of a usage error.
func (e *UnknownExchangeError) ExitStatus() int { return 1 }

// Open finds an exchange by its master public key.
func Open(ctx context.Context, conn *pgx.Conn, master taler.EddsaPublicKey) (*Exchange, error) {
	e := Exchange{MasterPub: master}
	err := conn.QueryRow(ctx, "select exchange_id, base_url, currency from auditor.exchanges where master_pub = $1", master[:]).
		Scan(&e.ID, &e.BaseURL, (*string)(&e.Currency))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &UnknownExchangeError{master}
	}
	return &e, err
}

// base64Text is how roots and digests are written in checkpoints.
func base64Text(hash []byte) string { return base64.StdEncoding.EncodeToString(hash) }
