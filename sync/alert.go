package sync

import (
	"fmt"
	"strings"

	"auditor/internal/exchange"
)

// A Kind is what an alert is about.
type Kind string

// The kinds of alerts.
const (
	AlteredRow   Kind = "altered-row"    // a copied row differs in the source
	DeletedRow   Kind = "deleted-row"    // a copied row is gone, and no exchange may collect it
	BackDatedRow Kind = "back-dated-row" // a row on a serial that was given up, was never missing, or is another row's
	SourceBehind Kind = "source-behind"  // the highest serial is below what was copied
	FlappingRow  Kind = "flapping-row"   // a row that differed did not differ when it was read again
	BadSchema    Kind = "schema"         // a difference from the layout
	Unguarded    Kind = "unguarded"      // a table of the source lacks a key or constraint of the layout: nothing halts
	BadRow       Kind = "violation"      // a row that breaks a rule, as a *Violation tells
)

// An Alert is one thing that the source did and must not do. All texts are safe to
// print.
type Alert struct {
	Kind         Kind
	Table        string
	Serial       *int64 // nil if it is about the table, or the row could not be read that far
	Columns      []string
	Ours, Theirs string // what differs, or what is expected and what is there
	Summary      string // a sentence

	detail                 string // tells alerts of one kind about one serial apart
	oursImage, theirsImage []byte // both versions of the row; nil = no row
	raised                 bool   // it is in the destination and in the log
}

// Identity is the same whenever the same alert is raised.
func (a *Alert) Identity() string {
	id := fmt.Sprintf("%s/%s", a.Kind, a.Table)
	if a.Serial != nil {
		id += fmt.Sprintf("/%d", *a.Serial)
	}
	if a.detail != "" {
		id += "/" + a.detail
	}
	return id
}

// A DivergenceError says that the source no longer holds what was copied from it.
// The copy is unharmed, both versions are kept beside it. Replication goes on once
// the source is corrected.
type DivergenceError struct{ Alerts []Alert }

// shownAlerts is how many alerts an error lists.
const shownAlerts = 20

func (e *DivergenceError) Error() string {
	var b strings.Builder
	b.WriteString("the source no longer holds what was copied from it; ask the exchange operator why, replication resumes by itself once the source is corrected:")
	for i, a := range e.Alerts {
		if i == shownAlerts {
			fmt.Fprintf(&b, "\n  and %d more, see the table auditor_sync.alerts of the destination", len(e.Alerts)-i)
			break
		}
		b.WriteString("\n  " + a.Summary)
	}
	return b.String()
}

// ExitStatus is that of a program whose source violated an invariant.
func (e *DivergenceError) ExitStatus() int { return 3 }

// alertsOf returns the alerts that an error amounts to.
func alertsOf(err error) []Alert {
	switch e := broken(err).(type) {
	case *DivergenceError:
		return e.Alerts
	case *Violation:
		a := Alert{
			Kind: BadRow, Table: e.Table, Ours: e.Want, Theirs: e.Have, Summary: e.Error(),
			detail: e.Constraint, theirsImage: e.image,
		}
		if e.Serial != 0 {
			a.Serial = &e.Serial
		} else {
			a.detail = fmt.Sprintf("after %d/%s", max(e.After, 0), e.Constraint)
		}
		if e.Column != "" {
			a.Columns = strings.Split(e.Column, ", ")
		}
		return []Alert{a}
	case *SchemaError:
		if e.Side != Source {
			return nil
		}
		var alerts []Alert
		for _, d := range e.Differences {
			alerts = append(alerts, schemaAlert(d))
		}
		return alerts
	}
	return nil
}

// schemaAlert makes the alert about a difference between a table and the layout.
func schemaAlert(d exchange.Difference) Alert {
	a := Alert{
		Kind: BadSchema, Table: escape(d.Table, shownValue), Ours: escape(d.Expected, shownValue), Theirs: escape(d.Found, shownValue),
		detail: escape(d.Column, shownValue) + "/" + string(d.Aspect),
	}
	what := a.Table
	if d.Column != "" {
		a.Columns = []string{escape(d.Column, shownValue)}
		what += "." + a.Columns[0]
	}
	a.Summary = fmt.Sprintf("%s: %s: expected %s, found %s", what, d.Aspect, a.Ours, a.Theirs)
	return a
}
