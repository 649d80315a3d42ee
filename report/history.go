package report

import "time"

// History is what past reports on an exchange said, up to the one that is rendered,
// the first one first. It comes from whoever keeps reports; charts are drawn from it.
type History []Past

// Past is what one of them said.
type Past struct {
	Run     int64
	AsOf    time.Time
	Figures []Figure
	Checks  []Check
}

// pastOf is what a report itself adds to its history.
func pastOf(r *Report) Past {
	return Past{Run: r.Run, AsOf: r.AsOf, Figures: r.Figures, Checks: r.Checks}
}
