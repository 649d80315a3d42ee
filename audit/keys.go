package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// The area "keys" proves that everything on which the books rest is what the
// exchange's master key has signed: denominations, sign keys, wire fees, wire
// accounts and revocations; that auditors have signed what they are said to have
// signed; and that none of it was altered since it was first seen. These tables
// are small, so all of their rows are judged anew in every run, and each of
// these findings is resolved when the row is as it should be.

// keyring is what the other areas know of the keys.
type keyring struct {
	denominations map[int64]*denomination // by serial
	fees          feeSchedule
	// What the master key has signed of each sign key, and which it has revoked, by
	// the serial of the revocation.
	signKeys        map[taler.EddsaPublicKey][]taler.SignKeyValidity
	revokedSignKeys map[int64]taler.EddsaPublicKey

	accounts       map[string]bool // the exchange's own ones that the master key has signed, as sameAccount writes them
	accountsListed bool            // the database lists any
}

// denomination is a denomination as the other areas use it.
type denomination struct {
	exchange.Denomination
	key        *taler.RSAPublicKey // nil if it cannot be read
	cost       taler.Amount        // of a withdrawal: value and fee
	revocation *revocation         // nil if it was not revoked
}

// revocation of a denomination.
type revocation struct {
	serial int64
	sig    taler.EddsaSignature
	signed bool            // by the master key
	seen   taler.Timestamp // clock of the first run that saw it
}

// keyAudit is the state of auditing the keys.
type keyAudit struct {
	*run
	conn *pgx.Conn
}

// auditKeys judges all rows about keys (K-01 to K-17, C-01) and fills r.keys.
func auditKeys(ctx context.Context, r *run, conn *pgx.Conn) error {
	r.keys = &keyring{denominations: make(map[int64]*denomination),
		signKeys: make(map[taler.EddsaPublicKey][]taler.SignKeyValidity), revokedSignKeys: make(map[int64]taler.EddsaPublicKey),
		accounts: make(map[string]bool)}
	a := &keyAudit{run: r, conn: conn}
	for _, step := range []func(context.Context) error{
		a.auditDenominations,
		a.auditAuditorSignatures,
		a.auditRevocations,
		a.auditSignKeys,
		a.auditWireFees,
		a.auditWireAccounts,
		a.auditAlterations,
		a.auditDisappearances,
		a.auditListing,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// maxKeyRows is how many rows a table about keys may have. No exchange has a
// hundredth of it; a table with more was filled to exhaust the auditor.
const maxKeyRows = 200_000

// errTooManyKeys ends the reading of a table that has more rows.
var errTooManyKeys = errors.New("too many rows")

// readAll reads a relation about keys. Malformed rows are findings (K-14) and
// left out, as are all rows of a table beyond maxKeyRows.
func readAll[T any, P rowOf[T]](ctx context.Context, a *keyAudit, rel exchange.Relation[T]) ([]T, error) {
	var rows []T
	population := report.Population{Area: areaKeys, Table: rel.Table, Next: 1}
	err := rel.All(ctx, a.conn, a.source, func(row T) error {
		if population.Rows == maxKeyRows {
			return errTooManyKeys
		}
		head := P(&row).Head()
		population.Rows++
		population.Next = max(population.Next, head.Serial+1)
		if head.Malformed != nil {
			if err := a.store.rememberKey(ctx, rel.Table, head.Serial, nil, 0); err != nil {
				return err
			}
			return a.find(ctx, malformed(areaKeys, rel.Table, head))
		}
		rows = append(rows, row)
		return nil
	})
	population.Total = population.Rows
	a.count(population)
	if errors.Is(err, errTooManyKeys) {
		err = a.find(ctx, finding("K-14", subject{table: rel.Table}, none, []report.Evidence{number("rows judged", maxKeyRows)},
			"%s has more rows than any exchange needs; only the first %d were judged", rel.Table, maxKeyRows))
	}
	return rows, err
}

// remember notes a row's digest, to tell later whether it was altered (K-13), and
// until when it must stay (K-16). The parts are every column that may not change.
func (a *keyAudit) remember(ctx context.Context, table string, serial int64, until taler.Timestamp, parts ...any) error {
	h := sha256.New()
	for _, part := range parts {
		text := fmt.Sprintf("%v", part)
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return a.store.rememberKey(ctx, table, serial, h.Sum(nil), until)
}

// auditAlterations finds rows that are no longer what they were (K-13), and
// learns when each revocation was first seen.
func (a *keyAudit) auditAlterations(ctx context.Context) error {
	altered, seen, err := a.store.mergeKeys(ctx)
	if err != nil {
		return err
	}
	for _, row := range altered {
		err := a.find(ctx, finding("K-13", subject{table: row.table, serial: &row.serial}, none,
			[]report.Evidence{
				withText("digest when first seen", fmt.Sprintf("%x", row.before)),
				withText("digest now", fmt.Sprintf("%x", row.after)),
				with("first seen", taler.TimestampOf(row.first)),
			},
			"row %d of %s was altered after it was first seen", row.serial, row.table))
		if err != nil {
			return err
		}
	}
	for _, d := range a.keys.denominations {
		if d.revocation != nil {
			d.revocation.seen = seen[d.revocation.serial]
		}
	}
	return nil
}

// auditDisappearances finds rows that are gone although the exchange may not have
// collected them as garbage yet (K-16). Its clock may be ahead of ours.
func (a *keyAudit) auditDisappearances(ctx context.Context) error {
	gone, err := a.store.goneKeys(ctx, a.now.Add(a.policy.FutureTolerance))
	if err != nil {
		return err
	}
	for _, row := range gone {
		err := a.find(ctx, finding("K-16", subject{table: row.table, serial: &row.serial}, none,
			[]report.Evidence{with("first seen", taler.TimestampOf(row.first)), with("to be kept until", row.until)},
			"row %d of %s is gone, but had to be kept until %v", row.serial, row.table, row.until))
		if err != nil {
			return err
		}
	}
	return nil
}
