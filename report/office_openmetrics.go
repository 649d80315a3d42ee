package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteOfficeMetrics writes r as OpenMetrics text, for dashboards: a gauge per section and
// column of numbers, with the other columns as labels. Amounts are in units of the currency.
// What is a list of single events is left out: each would be a series of its own.
func WriteOfficeMetrics(w io.Writer, r *OfficeReport) error {
	out := bufio.NewWriter(w)
	source := strings.ReplaceAll(string(r.Source), " ", "_")
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Columns[0].Kind == KindTime {
			continue
		}
		for j, c := range s.Columns {
			if c.Kind.Label() {
				continue
			}
			name := fmt.Sprintf("auditor_%s_%s_%s_%s", source, r.Office, s.ID, c.Name)
			unit := map[OfficeKind]string{KindSeconds: "seconds", KindNanoseconds: "nanoseconds"}[c.Kind]
			if unit != "" {
				name += "_" + unit
			}
			fmt.Fprintf(out, "# TYPE %s gauge\n", name)
			if unit != "" {
				fmt.Fprintf(out, "# UNIT %s %s\n", name, unit)
			}
			fmt.Fprintf(out, "# HELP %s %s: %s.\n", name, s.Title, c.Title())
			for _, row := range s.Rows {
				if v, ok := c.Kind.number(row[j]); ok {
					fmt.Fprintf(out, "%s{%s} %s\n", name, r.labels(s, row), metric(row[j], v))
				}
			}
		}
	}
	_, _ = out.WriteString("# EOF\n")
	return out.Flush()
}

// labels tells a row of a section from the others.
func (r *OfficeReport) labels(s *OfficeSection, row []any) string {
	pairs := []string{label("name", r.Name)}
	if r.Currency != "" {
		pairs = append(pairs, label("currency", string(r.Currency)))
	}
	if r.Service != "" {
		pairs = append(pairs, label("only_service", r.Service))
	}
	if r.User != "" {
		pairs = append(pairs, label("only_user", r.User))
	}
	for i, c := range s.Columns {
		if c.Kind.Label() && c.Kind != KindTime && row[i] != nil { // a time would make a series of each value
			pairs = append(pairs, label(c.Name, fmt.Sprint(row[i])))
		}
	}
	return strings.Join(pairs, ",")
}

func label(name, value string) string {
	value = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(value, "\uFFFD"))
	return name + `="` + value + `"`
}

// metric writes amounts digit by digit, other numbers as they are.
func metric(value any, number float64) string {
	if text, ok := value.(string); ok {
		return text
	}
	return strconv.FormatFloat(number, 'g', -1, 64)
}
