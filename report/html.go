package report

import "io"

// WriteHTML is written below.
func WriteHTML(w io.Writer, r *Report, past History) error { return nil }
