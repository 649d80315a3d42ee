package sync

// A search finds the first row that the destination refuses, by copying parts of
// the refused batch: what succeeds is committed, what is refused holds the
// culprit. It relies on this: a range of rows is refused if and only if one of its
// rows is, given that all rows before the range are in.
type search struct {
	suspects int // the culprit is among that many next rows; 0 = nothing was refused
	line     int // the one of them that PostgreSQL named, from 1; 0 = none
}

// next returns how many rows to copy next, or all if nothing was refused.
func (s *search) next(all int) int {
	switch {
	case s.suspects == 0:
		return all
	case s.line > 0:
		return max(1, s.line-1)
	default:
		return max(1, s.suspects/2)
	}
}

// refused notes that the next rows were refused as a whole and says whether the
// culprit is found, which is a refused batch of one. PostgreSQL names the line
// that broke a constraint, except for a foreign key; an earlier row may break
// another constraint that is checked later, so the line is a hint, not a proof.
func (s *search) refused(rows, line int) bool {
	if rows <= 1 {
		return true
	}
	s.suspects, s.line = rows, 0
	if 1 <= line && line <= rows {
		s.line = line
	}
	return false
}

// accepted notes that the next rows are in.
func (s *search) accepted(rows int) {
	s.suspects = max(0, s.suspects-rows)
	s.line = max(0, s.line-rows)
}
