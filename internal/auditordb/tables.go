// Package auditordb is about the auditor's own database as a whole: which tables it
// has and what becomes of them, which exchanges are audited, and how to begin anew.
//
// What an audit itself reads and writes there is the business of package audit.
package auditordb

// Schema is where all tables lie.
const Schema = "auditor"

// A Fate says what a restart does with the rows of a table.
type Fate bool

// A table holds either what the next audit makes again from the exchange's database,
// which a restart forgets, or what nobody could make again: which exchanges there are,
// what others told us of them, and what we told others. That is kept.
const (
	Kept      Fate = false
	Forgotten Fate = true
)

// A Table is a table of schema auditor.
type Table struct {
	Name string
	Fate Fate
}

// Tables lists every table of schema auditor, tables that others refer to first. Each
// of them has a column exchange_id. A table that a patch adds must be added here: it
// is how its author decides whether a restart forgets it.
func Tables() []Table {
	return []Table{
		{"exchanges", Kept},
		{"runs", Kept},
		{"restarts", Kept},
		{"deposit_confirmations", Kept},
		{"acknowledgements", Kept},
		{"finding_periods", Kept},
		{"copied_chunks", Kept},
		{"key_rows", Kept},
		{"progress", Forgotten},
		{"figures", Forgotten},
		{"findings", Forgotten},
		{"reserves", Forgotten},
		{"reserve_origins", Forgotten},
		{"reserve_credits", Forgotten},
		{"closings", Forgotten},
		{"credits", Forgotten},
		{"statements", Forgotten},
		{"denominations", Forgotten},
		{"coins", Forgotten},
		{"refunded_deposits", Forgotten},
		{"quarters", Forgotten},
		{"melts", Forgotten},
		{"fresh_coins", Forgotten},
		{"unlinked_coins", Forgotten},
		{"obligations", Forgotten},
		{"payees", Forgotten},
		{"transfers", Forgotten},
		{"dangling_trackings", Forgotten},
		{"confirmation_states", Forgotten},
		{"deposit_marks", Forgotten},
		{"wire_accounts", Forgotten},
		{"wire_items", Forgotten},
	}
}

// forgotten returns the names of the tables that a restart empties, those that refer
// to others first.
func forgotten() []string {
	var names []string
	for _, t := range Tables() {
		if t.Fate == Forgotten {
			names = append([]string{t.Name}, names...)
		}
	}
	return names
}
