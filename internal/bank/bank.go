// Package bank reads what a bank tells of an account of the exchange: every transfer to it and from it.
//
// A [History] is one direction of one account. It does not matter where it comes from: the wire gateway of
// the bank, asked page by page ([NewGateway]); answers of such a gateway, saved to files; or statements in
// the format ISO 20022 camt.053 ([OpenFiles] tells the two apart by their content). [Open] makes the
// histories of the accounts of a configuration.
//
// A bank is not trusted. Each record is checked before it is handed out, and so is the order of all of them;
// memory is bounded whatever the bank sends; a bank that does not keep to the rules gets a [*Violation] that
// says where and how. What a bank leaves out, or invents in good form, this package cannot know: that shows
// when the records are compared with the books of the exchange.
//
// The package knows nothing of the audit.
package bank

import (
	"context"
	"iter"
)

// A History is one direction of an account's transfers.
type History interface {
	// Records yields the transfers whose row is larger than after, in ascending order of their rows; 0 asks
	// for all. An error is the last thing that is yielded. Whoever stores records must not keep them before
	// the sequence has ended without an error: some faults show only at the end.
	//
	// Errors are *[Violation], *[RefusedError], *[UnavailableError], *[FileError] or the context's. A
	// sequence may be read several times, also at the same time, and each time asks the bank anew.
	Records(ctx context.Context, after int64) iter.Seq2[Record, error]
}

// A StatementReader is a History that knows the account's balances, too.
type StatementReader interface {
	History
	// Statements yields the statements in their order. Errors are as those of Records.
	Statements(ctx context.Context) iter.Seq2[Statement, error]
}
