package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// told renders what people read besides reports.
func told(t *testing.T, list *List, story *Story, proof *Proof) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for name, write := range map[string]func(io.Writer) error{
		"list.txt":    func(w io.Writer) error { return WriteListText(w, list, TextOptions{}) },
		"story.txt":   func(w io.Writer) error { return WriteStoryText(w, story, TextOptions{}) },
		"proof.txt":   func(w io.Writer) error { return WriteProofText(w, proof, TextOptions{}) },
		"entries.txt": func(w io.Writer) error { return WriteEntriesText(w, list.Findings, story.Entries[0]) },
		"reports.txt": func(w io.Writer) error {
			past := pastOfFull()
			return WriteReportsText(w, []ListedReport{{Run: 1, AsOf: past[0].AsOf, Took: 1500e6, Digest: strings.Repeat("5e", 32), Past: &past[0]}, {Run: 2, AsOf: past[1].AsOf}}, TextOptions{})
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		texts[name] = b.String()
	}
	return texts
}

func stories(r *Report) (*List, *Story, *Proof) {
	until := clock("2026-02-20T12:00:00Z")
	list := &List{Exchange: r.Exchange, Findings: r.Findings, Total: 12345}
	story := &Story{
		Finding: r.Findings[1],
		Periods: []Period{{From: 1, FromAsOf: r.AsOf, Until: ptr(int64(2)), UntilAsOf: &until}, {From: 3, FromAsOf: r.AsOf}},
		Entries: []Entry{{At: r.AsOf, By: r.Findings[1].Table, Reason: r.Findings[1].Summary}, {At: r.AsOf, By: "Bob", Reason: "another case", Withdrawn: true}},
	}
	story.Row = &RowNow{Database: "exchange", Values: []Evidence{{r.Findings[1].Table, r.Findings[1].Summary}, {"reserve_out_serial_id", "31998"}}}
	proof := &Proof{
		Exchange: r.Exchange.BaseURL, Copy: true, Tables: 3, Rows: 1234567, Removed: 1,
		Reports: []ProvedReport{
			{Run: 1, AsOf: r.AsOf, Digest: strings.Repeat("5e", 32)},
			{Run: 2, AsOf: r.AsOf, Digest: strings.Repeat("7a", 32), Noted: true, Signed: []string{"auditor.example"}},
			{Run: 3, AsOf: r.AsOf, Digest: strings.Repeat("7b", 32), Noted: true, Others: []string{r.Exchange.BaseURL}},
		},
	}
	return list, story, proof
}

func TestStoriesGolden(t *testing.T) {
	list, story, proof := stories(classified())
	for name, text := range told(t, list, story, proof) {
		golden(t, name, []byte(text))
	}
}

func TestStoriesAreLegible(t *testing.T) {
	list, story, proof := stories(hostileReport())
	proof.Problems = []string{hostileText}
	for name, text := range told(t, list, story, proof) {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if flaw := safe(line); flaw != "" || cells(line) > defaultWidth {
				t.Errorf("%s: a line of %d columns %s: %+q", name, cells(line), flaw, line)
			}
		}
	}
}
