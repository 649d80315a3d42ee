package audit

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"auditor/internal/catalogue"
	"auditor/internal/taler"
	"auditor/report"
)

// program gathers what was performed.
type program struct {
	mu        sync.Mutex
	performed map[string]performance // by entry, at the first exchange that has it
}

// performance is what an entry expected and what the audits found.
type performance struct {
	expected []catalogue.Expectation
	found    []report.Finding
	seed     uint64
}

func (p *program) add(entry string, done performance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.performed[entry]; !ok || done.seed < before.seed {
		p.performed[entry] = done
	}
}

// publish makes sure that every check finds some entry, writes the table if it is
// asked for, and compares the page for auditors in training with the catalogue. It
// does nothing unless every entry was performed.
func (p *program) publish(t *testing.T, entries []catalogue.Entry) {
	if t.Failed() || slices.ContainsFunc(entries, func(e catalogue.Entry) bool { _, ok := p.performed[e.Name]; return !ok }) {
		return
	}
	for _, r := range rules() {
		if r.area != areaSolvency && !slices.Contains(beyondTheCatalogue(), r.id) && !p.trips(r.id) {
			t.Errorf("no entry of the catalogue trips %s", r.id)
		}
	}
	if *matrixFile != "" {
		if err := os.WriteFile(*matrixFile, p.table(entries), 0o666); err != nil {
			t.Error(err)
		}
	}
	const file = "../docs/frauds.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// What stands before the first area is written by hand.
	introduction, _, ok := strings.Cut(string(text), "\n## "+catalogue.Areas()[0])
	if !ok {
		t.Fatalf("%s has no section %q", file, catalogue.Areas()[0])
	}
	page := introduction + p.page(entries)
	switch {
	case page == string(text):
	case *updateDocs:
		if err := os.WriteFile(file, []byte(page), 0o666); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("%s is not what the catalogue says; run: go test ./audit -run TestMatrix -update", file)
	}
}

// trips tells whether a check is expected to find any entry.
// beyondTheCatalogue lists checks of what no deed can do to a gateway's history: take
// a transfer back, or state a balance, which only statements do. Faults trip them. What
// the books as a whole show follows from the figures, see contradictions.
func beyondTheCatalogue() []string { return []string{"W-23", "W-24"} }

func (p *program) trips(check string) bool {
	for _, done := range p.performed {
		if slices.ContainsFunc(done.expected, func(x catalogue.Expectation) bool { return x.Check == check }) {
			return true
		}
	}
	return false
}

// finder is a check that finds an entry.
type finder struct {
	check, amount, severity, example string
	built, insider                   bool
	when                             catalogue.When
	times                            int
}

// finders lists the checks that find an entry, in the order of the catalogue.
func (done *performance) finders() []finder {
	var all []finder
	for _, x := range done.expected {
		f := finder{check: x.Check, amount: amountOf(x), when: x.When, times: 1}
		var insider bool
		f.built, insider = built(x.Check)
		f.insider = insider || x.Internal
		if f.built {
			f.severity = string(ruleOf(x.Check).severity)
		}
		if i := slices.IndexFunc(done.found, func(f report.Finding) bool { return foundLine(f) == expectedLine(x) }); i >= 0 {
			f.severity, f.example = string(done.found[i].Severity), done.found[i].Summary
		}
		if i := slices.IndexFunc(all, func(o finder) bool { return o.check == x.Check && o.when == x.When }); i >= 0 {
			all[i].times++
			continue
		}
		all = append(all, f)
	}
	return all
}

func amountOf(x catalogue.Expectation) string {
	for _, part := range []struct {
		name   string
		amount taler.Amount
	}{{"loss", x.Loss}, {"exposure", x.Exposure}, {"gain", x.Gain}} {
		if part.amount.Currency != "" {
			return part.name + " " + part.amount.String()
		}
	}
	return ""
}

// table is the table of frauds and what finds them, with the list of those that
// wait for a check.
func (p *program) table(entries []catalogue.Entry) []byte {
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FRAUD\tCULPRIT\tFOUND BY\tAMOUNT")
	waiting := make(map[string][]string)
	for _, e := range entries {
		done := p.performed[e.Name]
		name, culprit := e.Name, string(e.Culprit)
		finders := done.finders()
		if len(finders) == 0 {
			fmt.Fprintf(w, "%s\t%s\t(nothing to find)\t\n", name, culprit)
		}
		for _, f := range finders {
			by := f.check
			switch {
			case ofReplication(f.check):
				by += " (alert)"
			case !f.built:
				by += " (pending)"
				if !slices.Contains(waiting[f.check], e.Name) {
					waiting[f.check] = append(waiting[f.check], e.Name)
				}
			}
			if f.insider {
				by += " -i"
			}
			amount := f.amount
			if f.times > 1 {
				amount = strings.TrimSpace(fmt.Sprintf("%s (%d times)", amount, f.times))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, culprit, by, amount)
			name, culprit = "", ""
		}
	}
	w.Flush()
	fmt.Fprintf(&out, "\nPENDING: checks that are not built yet, and what waits for them\n")
	for _, check := range sortedKeys(waiting) {
		fmt.Fprintf(&out, "%-5s %s\n", check, strings.Join(waiting[check], ", "))
	}
	return out.Bytes()
}

// page is what docs/frauds.md says of the entries.
func (p *program) page(entries []catalogue.Entry) string {
	var out strings.Builder
	for _, area := range catalogue.Areas() {
		fmt.Fprintf(&out, "\n## %s\n", area)
		for _, e := range entries {
			if e.Area != area {
				continue
			}
			fmt.Fprintf(&out, "\n### %s\n\n%s\n\n", e.Name, e.Story)
			if e.Culprit != catalogue.Nobody {
				who := "By " + article(e.Culprit)
				if e.When != catalogue.Either {
					who += ", " + string(e.When)
				}
				fmt.Fprintf(&out, "%s.\n\n", who)
			}
			done := p.performed[e.Name]
			finders := done.finders()
			if len(finders) == 0 {
				fmt.Fprint(&out, "Nothing is found, and nothing should be.\n")
			}
			for _, f := range finders {
				fmt.Fprintf(&out, "- %s\n", f.sentence())
			}
		}
	}
	return out.String()
}

// ofReplication tells whether a check is an alert of auditor-sync, whose tests play the
// entries that expect it.
func ofReplication(check string) bool {
	return strings.HasPrefix(check, "S") && !strings.HasPrefix(check, "S-")
}

// sentence says how a finding shows.
func (f finder) sentence() string {
	text := "**" + f.check + "**"
	switch {
	case ofReplication(f.check):
		text += ", an alert of replication"
	case !f.built:
		text += ", when it is built"
	default:
		text += ", " + f.severity
	}
	if f.amount != "" {
		text += ", " + f.amount
	}
	if f.insider {
		text += ", in internal audits"
	}
	if f.when != catalogue.Either {
		text += ", if done " + string(f.when)
	}
	if f.times > 1 {
		text += fmt.Sprintf(", %d times", f.times)
	}
	if f.example != "" {
		text += ": *" + f.example + "*"
	}
	return text
}

func article(c catalogue.Culprit) string {
	switch c {
	case catalogue.Operator:
		return "the operator"
	case catalogue.Intruder, catalogue.Accident:
		return "an " + string(c)
	default:
		return "a " + string(c)
	}
}

// sortedKeys lists the keys of a map in their order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
