package report

import (
	"fmt"
	"strings"
)

// Replication alerts: what the exchange did to its database after it was copied.
// Where there is none the section is left out, because most audits are not of a
// trusted copy.

func writeAlerts(p *page, r *Report) error {
	if len(r.Alerts) == 0 {
		return nil
	}
	p.section("Replication alerts")
	for i := range r.Alerts {
		if i > 0 {
			p.blank()
		}
		writeAlert(p, &r.Alerts[i])
	}
	return nil
}

func writeAlert(p *page, a *Alert) {
	const (
		margin = "    "
		names  = 10
	)
	where := Escape(a.Table)
	if a.Serial != nil {
		where += fmt.Sprintf(", serial %d", *a.Serial)
	}
	if len(a.Columns) > 0 {
		where += ", " + Escape(strings.Join(a.Columns, ", "))
	}
	p.paragraph(red, "  ", Escape(a.Kind)+": "+where)
	p.paragraph(plain, margin, Escape(a.Summary))
	p.pair(len(margin), names, "Ours", Escape(a.Ours))
	p.pair(len(margin), names, "Theirs", Escape(a.Theirs))
	seen := moment(a.First)
	if a.Count > 1 {
		seen = fmt.Sprintf("%s to %s, %s times", moment(a.First), moment(a.Last), count(a.Count))
	}
	p.pair(len(margin), names, "Seen", seen)
}
