package report

import (
	"fmt"
	"slices"
	"strings"

	"auditor/internal/taler"
)

// The first lines of a report answer the one question that most readers have.

func writeVerdict(p *page, r *Report) error {
	p.paragraph(bold, "", fmt.Sprintf("Audit report %d on %s", r.Run, Escape(r.Exchange.BaseURL)))
	p.blank()

	var open int64
	for _, c := range r.Checks {
		open += c.Open.Count
	}
	if open == 0 {
		s, text := green, "No findings."
		if len(r.Checks) == 0 {
			s, text = red, "Nothing was checked."
		}
		p.paragraph(s, "", text+" "+extent(r))
	} else {
		cost, err := openCost(r)
		if err != nil {
			return err
		}
		p.paragraph(gravest(r), "", plural(open, "finding", "findings")+listed(r, open)+"."+sentence(cost))
		if text := knownOf(r, open); text != "" {
			p.paragraph(plain, "", text)
		}
	}
	if news := changes(r); news != "" {
		p.paragraph(plain, "", news)
	}
	if open > 0 {
		p.paragraph(plain, "", extent(r))
	}
	if n := len(r.Alerts); n > 0 {
		p.paragraph(red, "", plural(int64(n), "replication alert is", "replication alerts are")+" open: the exchange changed what was copied from it, or showed what must not be copied.")
	}
	if n := len(r.Unchecked); n > 0 {
		p.paragraph(yellow, "", plural(int64(n), "thing", "things")+" could not be checked; see the end of this report.")
	}
	return nil
}

// knownOf tells how many of the open findings somebody acknowledged.
func knownOf(r *Report, open int64) string {
	var n int64
	for _, c := range r.Checks {
		n += c.Acknowledged
	}
	switch {
	case n == 0:
		return ""
	case n == open:
		return "All were acknowledged."
	}
	return count(n) + " of them " + map[bool]string{true: "was", false: "were"}[n == 1] + " acknowledged, all amounts counted in."
}

// extent tells how much was done.
func extent(r *Report) string {
	var rows int64
	for _, population := range r.Population {
		rows += population.Rows
	}
	return plural(int64(len(r.Checks)), "check", "checks") + " over " + plural(rows, "row", "rows") + "."
}

// listed counts the open findings in the report by severity.
func listed(r *Report, open int64) string {
	counts := map[Severity]int64{}
	var total int64
	for i := range r.Findings {
		if r.Findings[i].Status != Resolved {
			counts[r.Findings[i].Severity]++
			total++
		}
	}
	severities := Severities()
	slices.Reverse(severities)
	var parts []string
	for _, s := range severities {
		if n := counts[s]; n > 0 {
			parts = append(parts, plural(n, string(s), severityPlural(s)))
		}
	}
	text := strings.Join(parts, ", ")
	switch {
	case total < open && text == "":
		return ", none of them listed"
	case total < open:
		return fmt.Sprintf(", %s of them listed: %s", count(total), text)
	case text != "":
		return ": " + text
	}
	return ""
}

func severityPlural(s Severity) string {
	switch s {
	case Loss:
		return "losses"
	case Inconsistency:
		return "inconsistencies"
	}
	return string(s) + "s"
}

// gravest gives the style of the gravest open finding.
func gravest(r *Report) style {
	grave := Notice
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Status != Resolved && f.Severity.AtLeast(grave) {
			grave = f.Severity
		}
	}
	return severityStyle(grave)
}

func severityStyle(s Severity) style {
	switch s {
	case Notice:
		return bold
	case Inconsistency:
		return cyan
	case Exposure:
		return yellow
	}
	return red
}

// changes compares with the previous report.
func changes(r *Report) string {
	counts := map[Status]int64{}
	for i := range r.Findings {
		counts[r.Findings[i].Status]++
	}
	var parts []string
	for _, s := range []Status{New, Persisting, Resolved} {
		if n := counts[s]; n > 0 {
			parts = append(parts, count(n)+" "+string(s))
		}
	}
	if len(parts) == 0 || r.Previous == nil {
		return ""
	}
	return fmt.Sprintf("Listed findings since report %d: %s.", r.Previous.Run, strings.Join(parts, ", "))
}

// openCost adds up what the open findings of all checks cost.
func openCost(r *Report) (string, error) {
	var loss, exposure, gain []taler.Amount
	for _, c := range r.Checks {
		loss = append(loss, c.Open.Loss)
		exposure = append(exposure, c.Open.Exposure)
		gain = append(gain, c.Open.Gain)
	}
	var parts []string
	for _, part := range []struct {
		name    string
		amounts []taler.Amount
	}{{"certain loss", loss}, {"exposure", exposure}, {"undue gain", gain}} {
		total, beyond, err := sum(r.Exchange.Currency, part.amounts...)
		if err != nil {
			return "", err
		}
		if total.IsZero() {
			continue
		}
		text := part.name + " "
		if beyond {
			text += "more than "
		}
		parts = append(parts, text+money(total))
	}
	return strings.Join(parts, ", "), nil
}

// cost tells what one finding costs.
func cost(a Amounts) string {
	var parts []string
	for _, part := range []struct {
		name   string
		amount *taler.Amount
	}{{"certain loss", a.Loss}, {"exposure", a.Exposure}, {"undue gain", a.Gain}} {
		if part.amount != nil {
			parts = append(parts, part.name+" "+money(*part.amount))
		}
	}
	return strings.Join(parts, ", ")
}

// sentence makes a sentence of a phrase, after a space, or nothing of nothing.
func sentence(phrase string) string {
	if phrase == "" {
		return ""
	}
	return " " + strings.ToUpper(phrase[:1]) + phrase[1:] + "."
}
