package sync

import "time"

const (
	batchTime = 500 * time.Millisecond
	firstRows = 1000
	// mostRows bounds a batch when nobody asked for a bound. At this size the cost
	// of a transaction is long forgotten.
	mostRows = 1 << 20
)

// A pace sizes the batches of one table to about batchTime each. Rows of one table
// are alike, so that what the last batch took foretells the next.
type pace struct {
	rows int // of the next batch
	most int
}

func newPace(most int) *pace {
	if most <= 0 {
		most = mostRows
	}
	return &pace{rows: min(firstRows, most), most: most}
}

// took learns from a batch. One lucky or unlucky batch changes the size by no more
// than a factor of four.
func (p *pace) took(rows int, d time.Duration) {
	if rows == 0 {
		return
	}
	ideal := float64(rows) * float64(batchTime) / float64(max(d, time.Millisecond))
	ideal = min(max(ideal, float64(p.rows)/4), float64(p.rows)*4)
	if rows < p.rows && ideal > float64(p.rows) {
		return // the table ended before the batch was full, which says nothing about larger ones
	}
	p.rows = max(1, min(int(ideal), p.most))
}

// refused learns that the destination refused a batch. If the source's session is
// lost before the culprit is found, the search goes on with smaller batches.
func (p *pace) refused() { p.rows = max(1, p.rows/2) }
