package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The schedule of findings: grave before harmless, and within one severity
// new, persisting, resolved. Findings of a severity that this program does not
// know come first; none is left out.

// minIdentity is the least number of characters of an identity to show.
const minIdentity = 8

func writeFindings(p *page, r *Report) error {
	p.section("Findings")
	findings := make([]*Finding, len(r.Findings))
	for i := range r.Findings {
		findings[i] = &r.Findings[i]
	}
	sortFindings(findings)
	if len(findings) == 0 && unlisted(r) == 0 {
		p.paragraph(plain, "  ", "None, neither open nor resolved.")
	}
	length := identityLength(r.Findings)
	for i, f := range findings {
		if i == 0 || f.Severity != findings[i-1].Severity {
			if i > 0 {
				p.blank()
			}
			p.paragraph(severityStyle(f.Severity), "  ", severityHeading(f.Severity, findings))
		}
		p.blank()
		writeFinding(p, f, identity(f, length))
	}
	writeUnlisted(p, r)
	return nil
}

// sortFindings puts grave before harmless, and within one severity new, persisting,
// resolved.
func sortFindings(findings []*Finding) {
	slices.SortStableFunc(findings, func(a, b *Finding) int {
		return cmp.Or(
			-cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(statusRank(a.Status), statusRank(b.Status)),
		)
	})
}

func statusRank(s Status) int { return slices.Index([]Status{New, Persisting, Resolved}, s) }

// severityHeading names a severity and counts its findings by status.
func severityHeading(s Severity, findings []*Finding) string {
	meaning := map[Severity]string{
		Notice:        ": worth knowing",
		Inconsistency: ": the database contradicts itself or a rule",
		Exposure:      ": money may have been lost, or may be lost still",
		Loss:          ": money is missing",
	}
	var order []Status
	counts := map[Status]int64{}
	for _, f := range findings {
		if f.Severity != s {
			continue
		}
		if counts[f.Status] == 0 {
			order = append(order, f.Status)
		}
		counts[f.Status]++
	}
	var parts []string
	for _, status := range order {
		parts = append(parts, count(counts[status])+" "+Escape(string(status)))
	}
	return fmt.Sprintf("%s%s (%s)", strings.ToUpper(Escape(string(s))), meaning[s], strings.Join(parts, ", "))
}

func writeFinding(p *page, f *Finding, id string) {
	const (
		margin = "      "
		names  = 18
	)
	head := []string{Escape(f.Check), Escape(string(f.Status))}
	if f.Table != "" {
		head = append(head, Escape(f.Table))
	}
	if f.Serial != nil {
		head = append(head, fmt.Sprintf("serial %d", *f.Serial))
	}
	p.paragraph(bold, "  ", strings.Join(head, ", ")+" ["+id+"]")
	p.paragraph(plain, margin, Escape(f.Summary))
	if text := sentence(cost(f.Amounts)); text != "" {
		p.paragraph(plain, margin, text)
	}
	if f.Status != New {
		p.paragraph(plain, margin, fmt.Sprintf("First seen in report %d as of %s.", f.FirstRun, moment(f.First)))
	}
	if f.Since > f.FirstRun {
		p.paragraph(plain, margin, fmt.Sprintf("It was resolved in between, and holds again since report %d.", f.Since))
	}
	if a := f.Acknowledged; a != nil {
		p.paragraph(plain, margin, acknowledged(a))
	}
	told := slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.Value == f.Subject })
	if f.Subject != "" && !told {
		p.pair(len(margin), names, "subject", Escape(f.Subject))
	}
	for _, e := range f.Evidence {
		p.pair(len(margin), names, Escape(e.Name), Escape(e.Value))
	}
}

// acknowledged tells who knows of a finding.
func acknowledged(a *Acknowledgement) string {
	text := fmt.Sprintf("Acknowledged by %s on %s: %s", Escape(a.By), a.At.UTC().Format(time.DateOnly), Escape(a.Reason))
	if a.Lapsed {
		text += " (lapsed: it became graver or dearer since, or was resolved and came back)"
	}
	return text
}

// unlisted counts the open findings that the report does not list.
func unlisted(r *Report) int64 {
	var n int64
	for _, c := range r.Checks {
		n += max(0, c.Open.Count-int64(c.Listed))
	}
	return n
}

func writeUnlisted(p *page, r *Report) {
	for _, c := range r.Checks {
		if text := unlistedOf(c); text != "" {
			p.blank()
			p.paragraph(plain, "  ", text)
		}
	}
}

// unlistedOf counts the open findings of a check that a report does not list.
func unlistedOf(c Check) string {
	more := c.Open.Count - int64(c.Listed)
	if more <= 0 {
		return ""
	}
	text := fmt.Sprintf("%s … and %s more of this check, not listed.", Escape(c.ID), count(more))
	amounts := Amounts{}
	if !c.Open.Loss.IsZero() {
		amounts.Loss = &c.Open.Loss
	}
	if !c.Open.Exposure.IsZero() {
		amounts.Exposure = &c.Open.Exposure
	}
	if !c.Open.Gain.IsZero() {
		amounts.Gain = &c.Open.Gain
	}
	if all := cost(amounts); all != "" {
		text += fmt.Sprintf(" All %s open findings of this check together: %s.", count(c.Open.Count), all)
	}
	return text
}

// identityLength is the number of characters that tell the identities of the
// findings apart.
func identityLength(findings []Finding) int {
	ids := make([]string, len(findings))
	for i := range findings {
		ids[i] = findings[i].Identity
	}
	slices.Sort(ids)
	length := minIdentity
	for i := 1; i < len(ids); i++ {
		a, b := ids[i-1], ids[i]
		same := 0
		for same < min(len(a), len(b)) && a[same] == b[same] {
			same++
		}
		length = max(length, min(same+1, len(b)))
	}
	return length
}

func identity(f *Finding, length int) string {
	return Escape(f.Identity[:min(length, len(f.Identity))])
}
