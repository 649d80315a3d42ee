package report

import (
	_ "embed" // for the schema
	"fmt"
	"io"
)

// OfficeSchema is the JSON Schema (2020-12) of what [WriteOfficeJSON] writes.
//
//go:embed office.schema.json
var OfficeSchema string

// WriteOfficeJSON writes r as one JSON object that satisfies [OfficeSchema], in the manner of
// [WriteJSON].
func WriteOfficeJSON(w io.Writer, r *OfficeReport) error {
	n := *r
	n.Made = n.Made.UTC()
	if n.From != nil {
		n.From = new(n.From.UTC())
	}
	if n.To != nil {
		n.To = new(n.To.UTC())
	}
	n.Sections = make([]OfficeSection, len(r.Sections))
	for i, s := range r.Sections {
		s.Rows = present(s.Rows)
		n.Sections[i] = s
	}
	if err := writeIndented(w, &n); err != nil {
		return fmt.Errorf("write the report to the office %s as JSON: %w", r.Office, err)
	}
	return nil
}
