package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"auditor/internal/taler"
)

// Reports as a list, and the proof that they form a chain.

// ListedReport is a report in a list of them.
type ListedReport struct {
	Run    int64
	AsOf   time.Time
	Took   time.Duration
	Digest string
	Past   *Past // nil if its figures are not at hand
}

// WriteReportsText lists reports for people.
func WriteReportsText(w io.Writer, list []ListedReport, opt TextOptions) error {
	p := begin(w, opt)
	t := table{columns: []column{
		{title: "Report", right: true}, {title: "As of"}, {title: "Took", right: true}, {title: "Open", right: true},
		{title: "Loss", right: true}, {title: "SHA-256", text: true},
	}}
	for _, r := range list {
		open, loss := "", ""
		if r.Past != nil {
			var err error
			if open, loss, err = openOf(r.Past); err != nil {
				return err
			}
		}
		t.add(count(r.Run), moment(r.AsOf), r.Took.Round(time.Millisecond).String(), open, loss, Escape(r.Digest[:min(len(r.Digest), 16)]))
	}
	if err := p.table(&t); err != nil {
		return err
	}
	return p.w.Flush()
}

// openOf adds up the open findings of a report.
func openOf(past *Past) (open, loss string, err error) {
	if len(past.Checks) == 0 {
		return "0", "", nil
	}
	var n int64
	var losses []taler.Amount
	for _, c := range past.Checks {
		n += c.Open.Count
		losses = append(losses, c.Open.Loss)
	}
	total, beyond, err := sum(losses[0].Currency, losses...)
	if err != nil {
		return "", "", err
	}
	text := money(total)
	if beyond {
		text = "> " + text
	}
	return count(n), text, nil
}

// Proof is the outcome of the verification of reports.
type Proof struct {
	Exchange string
	Reports  []ProvedReport
	Whole    bool // from the first report on
	Trusts   bool // some key is known
	Copy     bool // the trusted copy was compared
	Why      string
	Tables   int
	Rows     int64
	Removed  int64 // collected as garbage, of which the evidence was compared
	Problems []string
}

// ProvedReport is what was found out about one report.
type ProvedReport struct {
	Run    int64
	AsOf   time.Time
	Digest string
	Noted  bool
	Signed []string
	Others []string
}

// WriteProofText tells people what was proved, and what was not.
func WriteProofText(w io.Writer, proof *Proof, opt TextOptions) error {
	p := begin(w, opt)
	for _, r := range proof.Reports {
		p.paragraph(plain, "", fmt.Sprintf("Report %d as of %s", r.Run, moment(r.AsOf)))
		p.pair(2, 7, "SHA-256", Escape(r.Digest))
		p.pair(2, 7, "Note", noteOf(r))
	}
	p.blank()
	if len(proof.Problems) > 0 {
		p.paragraph(red, "", plural(int64(len(proof.Problems)), "problem:", "problems:"))
		for _, problem := range proof.Problems {
			p.paragraph(plain, "  - ", Escape(problem))
		}
		return p.w.Flush()
	}
	first, last := proof.Reports[0].Run, proof.Reports[len(proof.Reports)-1].Run
	if first == last {
		p.paragraph(green, "", fmt.Sprintf("Report %d on %s is what its note says.", first, Escape(proof.Exchange)))
	} else {
		p.paragraph(green, "", fmt.Sprintf("Reports %d to %d on %s form one chain: each extends the one before.", first, last, Escape(proof.Exchange)))
	}
	if proof.Copy {
		text := fmt.Sprintf("The trusted copy still holds what was audited: %s in %s were compared.",
			plural(proof.Rows, "row", "rows"), plural(int64(proof.Tables), "table", "tables"))
		if proof.Removed > 0 {
			text += fmt.Sprintf(" Of %s that were collected as garbage the evidence is complete.", plural(proof.Removed, "row", "rows"))
		}
		p.paragraph(green, "", text)
	} else {
		p.paragraph(plain, "", fmt.Sprintf("No trusted copy was compared: %s.", Escape(proof.Why)))
	}
	if !proof.Whole {
		p.paragraph(yellow, "", fmt.Sprintf("What was before report %d is not known here.", first))
	}
	if !proof.Trusts {
		p.paragraph(yellow, "", "No signature was verified, because no key is known: somebody who wrote all of this anew would not be noticed. Keep copies of the notes elsewhere.")
	}
	return p.w.Flush()
}

func noteOf(r ProvedReport) string {
	switch {
	case !r.Noted:
		return "none"
	case len(r.Signed) > 0:
		return "signed by " + Escape(strings.Join(r.Signed, ", "))
	case len(r.Others) > 0:
		return "signed by a key that is not known here, " + Escape(strings.Join(r.Others, ", "))
	}
	return "not signed"
}
