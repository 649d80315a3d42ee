package report

import "time"

// Story is what became of a finding over time.
type Story struct {
	Finding Finding  `json:"finding"`
	Periods []Period `json:"periods"` // when it held, the first first
	Entries []Entry  `json:"entries"` // who acknowledged it or took that back, the first first
	Row     *RowNow  `json:"row_now,omitempty"`
}

// RowNow is the row that a finding is about as it is now, in whatever database was looked at.
type RowNow struct {
	Database string     `json:"database"` // its name
	Values   []Evidence `json:"values"`   // by column; none if the row is not there any more
}

// Period is some consecutive reports in which a finding held.
type Period struct {
	From      int64      `json:"from_run"` // first run that made it
	FromAsOf  time.Time  `json:"from_as_of"`
	Until     *int64     `json:"until_run,omitempty"` // the run that found it resolved; nil while it holds
	UntilAsOf *time.Time `json:"until_as_of,omitempty"`
}

// Entry is an acknowledgement, or the withdrawal of one.
type Entry struct {
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Reason    string    `json:"reason"`
	Withdrawn bool      `json:"withdrawn"`
}

// List is a selection of the findings on an exchange, as of the last report.
type List struct {
	Exchange Exchange  `json:"exchange"`
	Findings []Finding `json:"findings"`
	Total    int64     `json:"total"` // how many were selected; a list may be cut
}
