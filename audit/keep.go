package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/archive"
	"auditor/internal/evidence"
	"auditor/report"
	"auditor/sql"
)

// keep stores the report as it is published, with the note that joins it to all
// reports before.
func (s *store) keep(ctx context.Context, rep *report.Report, key *archive.Key) error {
	var text bytes.Buffer
	if err := report.WriteJSON(&text, rep); err != nil {
		return err
	}
	rows, err := s.tx.Query(ctx, "select digest from auditor.runs where exchange_id = $1 order by run", s.exchange)
	if err != nil {
		return err
	}
	var log archive.Log
	var digest []byte
	if _, err := pgx.ForEachRow(rows, []any{&digest}, func() error { log.Add([32]byte(digest)); return nil }); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	log.Add(sum)
	signed, err := log.Note(rep.Exchange.MasterPublicKey, sum, rep.Checkpoint).Sign(key)
	if err != nil {
		return fmt.Errorf("the note of the report: %w", err)
	}
	_, err = s.tx.Exec(ctx, "insert into auditor.runs (exchange_id, run, as_of, started, finished, report, note) values ($1, $2, $3, $4, $5, $6, $7)",
		s.exchange, s.number, s.asOf, rep.Started, rep.Finished, text.Bytes(), signed)
	return err
}

// keepEvidence keeps what auditor-sync has of every row that it copied, where the
// database is a trusted copy, and returns the roots of its tables; nil elsewhere. It
// reads 200 bytes for each 1024 rows of the exchange, and keeps those that differ
// from what the last run kept.
func keepEvidence(ctx context.Context, conn *pgx.Conn, s *store) (*report.Checkpoint, error) {
	if kept, err := bookkeeping(ctx, conn, "auditor_sync.chunks"); err != nil || !kept {
		return nil, err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("audit/chunks_staging.sql")); err != nil {
		return nil, err
	}
	staged := s.copier("staged_chunks", "table_name", "number", "rows", "present", "root")
	rows, err := conn.Query(ctx, sql.Text("audit/chunks.sql"))
	if err != nil {
		return nil, err
	}
	checkpoint := &report.Checkpoint{Tables: []report.CopiedTable{}}
	var tree evidence.Tree
	complete := func() {
		if last := len(checkpoint.Tables) - 1; last >= 0 {
			root := tree.Root()
			checkpoint.Tables[last].Root = base64.StdEncoding.EncodeToString(root[:])
		}
	}
	var name string
	var number int64
	var n int32
	var present, root []byte
	_, err = pgx.ForEachRow(rows, []any{&name, &number, &n, &present, &root}, func() error {
		last := len(checkpoint.Tables) - 1
		if last < 0 || checkpoint.Tables[last].Table != name {
			complete()
			checkpoint.Tables = append(checkpoint.Tables, report.CopiedTable{Table: name})
			tree, last = evidence.Tree{}, last+1
		}
		tree.Append(evidence.Record(number, tlog.Hash(root)))
		checkpoint.Tables[last].Rows += int64(n)
		staged.Begin()
		staged.Text(name)
		staged.Int64(number)
		staged.Int32(n)
		staged.Bytes(present)
		staged.Bytes(root)
		return staged.End(ctx)
	})
	if err != nil {
		return nil, err
	}
	complete()
	if err := staged.Flush(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(checkpoint.Tables, func(a, b report.CopiedTable) int { return strings.Compare(a.Table, b.Table) })
	_, err = s.tx.Exec(ctx, sql.Text("audit/chunks_merge.sql"), s.exchange, s.number)
	return checkpoint, err
}
