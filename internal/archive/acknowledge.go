package archive

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/report"
	"auditor/sql"
)

// NotAcknowledgedError says that there is no acknowledgement to withdraw.
type NotAcknowledgedError struct{ Identity string }

func (e *NotAcknowledgedError) Error() string {
	return fmt.Sprintf("the finding %.12s is not acknowledged, so there is nothing to withdraw", e.Identity)
}

// ExitStatus is that of a usage error.
func (e *NotAcknowledgedError) ExitStatus() int { return 1 }

// maxStatement bounds the name and the reason of an acknowledgement, in bytes.
const maxStatement = 2000

// Acknowledge records, for each of the findings, that somebody knows of it as it is
// now, or takes such an acknowledgement back. It does so for all of them or for none,
// and returns them. The record is kept for ever; the findings stay as they are.
func (e *Exchange) Acknowledge(ctx context.Context, conn *pgx.Conn, ids []Identity, entry report.Entry) ([]report.Finding, error) {
	entry.By, entry.Reason = strings.TrimSpace(entry.By), strings.TrimSpace(entry.Reason)
	var list []report.Finding
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, id := range ids {
			f, err := e.Finding(ctx, tx.Conn(), id)
			if err != nil {
				return err
			}
			if entry.Withdrawn && f.Acknowledged == nil {
				return &NotAcknowledgedError{f.Identity}
			}
			identity, err := hex.DecodeString(f.Identity)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, sql.Text("archive/acknowledge.sql"), e.ID, identity, entry.At.UTC(), entry.By, entry.Reason, entry.Withdrawn)
			if err != nil {
				return err
			}
			list = append(list, *f)
		}
		return nil
	})
	return list, err
}

// CheckEntry tells what is wrong with the name or the reason of an acknowledgement.
func CheckEntry(by, reason string) error {
	for _, field := range []struct{ name, text string }{{"name", by}, {"reason", reason}} {
		switch text := strings.TrimSpace(field.text); {
		case text == "":
			return fmt.Errorf("the %s is empty: who reads it later needs one", field.name)
		case len(text) > maxStatement:
			return fmt.Errorf("the %s has %d bytes, more than %d: put the rest into a file and name that", field.name, len(text), maxStatement)
		case strings.ContainsRune(text, 0) || strings.ToValidUTF8(text, "") != text:
			return fmt.Errorf("the %s is not UTF-8 text", field.name)
		}
	}
	return nil
}

// Now is the clock of entries: to the second, as people read it.
func Now(clock func() time.Time) time.Time { return clock().UTC().Truncate(time.Second) }
