package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"auditor/internal/taler"
	"auditor/report"
)

// links makes a chain of three reports with notes.
func links(t *testing.T, change func(i int, r *report.Report)) []Link {
	t.Helper()
	key, _ := testKey(t)
	var list []Link
	var log Log
	var previous *report.Previous
	root := func(c string) string { return strings.Repeat(c, 43) + "=" }
	for i := range 3 {
		asOf := time.Date(2026, time.Month(i+1), 1, 12, 0, 0, 0, time.UTC)
		amount := taler.Amount{Currency: "EUR", Value: uint64(100 + i)}
		zero := taler.Zero("EUR")
		r := &report.Report{
			Format: report.Format, Run: int64(i + 1), AsOf: asOf, Previous: previous, Started: asOf, Finished: asOf,
			Program: report.Program{Name: "auditor", Version: "1"}, Exchange: report.Exchange{BaseURL: "https://exchange.example/", Currency: "EUR"},
			Scope:   report.Scope{Areas: []string{"reserves"}, Layout: "2021"},
			Figures: []report.Figure{{Area: "reserves", Name: "escrow", Title: "held", Amount: amount, Provenance: report.AppendOnly}},
			Checks: []report.Check{{ID: "R-04", Area: "reserves", Title: "signed", Listed: 1,
				Run: report.Totals{Loss: zero, Exposure: zero, Gain: zero}, Open: report.Totals{Count: 1, Loss: zero, Exposure: zero, Gain: zero}}},
			Findings: []report.Finding{{Identity: "abcdef12", Check: "R-04", Area: "reserves", Kind: report.OfRow, Severity: report.Loss,
				Status: report.Persisting, FirstRun: 1, First: asOf, Summary: "unsigned"}},
			Checkpoint: &report.Checkpoint{Tables: []report.CopiedTable{{Table: "deposits", Rows: int64(10 + i), Root: root(string(rune('A' + 4*i)))}, {Table: "recoup", Rows: 1, Root: root("A")}}},
		}
		if i > 0 {
			before := amount
			before.Value--
			r.Figures[0].Previous = &before
		}
		if change != nil {
			change(i, r)
		}
		var text bytes.Buffer
		if err := report.WriteJSON(&text, r); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text.Bytes())
		log.Add(sum)
		signed, err := log.Note(r.Exchange.MasterPublicKey, sum, r.Checkpoint).Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Link{Name: "file", Report: text.Bytes(), Note: signed})
		previous = &report.Previous{Run: r.Run, AsOf: r.AsOf, Digest: hex.EncodeToString(sum[:])}
	}
	return list
}

func prove(t *testing.T, list []Link) *Chain {
	t.Helper()
	_, known := testKey(t)
	c := &Chain{Known: known}
	for _, l := range list {
		c.Add(l)
	}
	return c
}

func TestChain(t *testing.T) {
	c := prove(t, links(t, nil))
	if len(c.Problems) > 0 || len(c.Reports) != 3 || !c.Whole() || len(c.Reports[2].Signed) != 1 {
		t.Errorf("%+v", c)
	}
	if c := prove(t, links(t, nil)[1:]); len(c.Problems) > 0 || c.Whole() {
		t.Errorf("the end of a chain gives %v", c.Problems)
	}
}

// TestBitsOfAReportCount flips the lowest bit of many bytes of the second report.
func TestBitsOfAReportCount(t *testing.T) {
	list := links(t, nil)
	kept := list[1].Report
	for i := 0; i < len(kept); i += 13 {
		changed := bytes.Clone(kept)
		changed[i] ^= 1
		list[1].Report = changed
		if c := prove(t, list); len(c.Problems) == 0 {
			t.Errorf("byte %d does not count", i)
		}
	}
}

// TestWhoRewritesOneReportIsToldOf makes reports that are sound by themselves, with
// proper digests and signatures, and contradict each other.
func TestWhoRewritesOneReportIsToldOf(t *testing.T) {
	for _, test := range []struct {
		name, want string
		change     func(i int, r *report.Report)
	}{
		{"a figure", "report 2 says that escrow of reserves was another amount in report 1", func(i int, r *report.Report) {
			if i == 1 {
				r.Figures[0].Previous.Value = 7
			}
		}},
		{"a finding", "report 3 does not tell what became of the finding abcdef12 (R-04) of report 2", func(i int, r *report.Report) {
			if i == 2 {
				r.Findings, r.Checks[0].Open.Count, r.Checks[0].Listed = nil, 0, 0
			}
		}},
		{"fewer rows", "report 2 rests on 9 rows of deposits, report 1 on 10", func(i int, r *report.Report) {
			if i == 1 {
				r.Checkpoint.Tables[0].Rows = 9
			}
		}},
		{"other rows", "reports 2 and 3 rest on as many rows of recoup, but not on the same ones", func(i int, r *report.Report) {
			if i == 2 {
				r.Checkpoint.Tables[1].Root = strings.Repeat("C", 42) + "A="
			}
		}},
		{"no rows", "report 3 rests on no row of recoup, report 2 on 1", func(i int, r *report.Report) {
			if i == 2 {
				r.Checkpoint.Tables = r.Checkpoint.Tables[:1]
			}
		}},
		{"no digest", "report 3 does not name the digest of report 2", func(i int, r *report.Report) {
			if i == 2 {
				r.Previous.Digest = ""
			}
		}},
		{"another past", "report 2 does not continue report 1", func(i int, r *report.Report) {
			if i == 1 {
				r.Previous.AsOf = r.Previous.AsOf.Add(time.Second)
			}
		}},
		{"another exchange", "report 2 is on another exchange", func(i int, r *report.Report) { r.Exchange.MasterPublicKey[0] = byte(i) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := prove(t, links(t, test.change))
			if len(c.Problems) == 0 || !strings.HasPrefix(c.Problems[0].Message, test.want) {
				t.Errorf("got %v, want %s", c.Problems, test.want)
			}
		})
	}
}

func TestBrokenChains(t *testing.T) {
	for _, test := range []struct {
		name, want string
		change     func([]Link) []Link
	}{
		{"a report is missing", "report 2 is missing between report 1 and report 3", func(l []Link) []Link { return append(l[:1], l[2]) }},
		{"twice the same", "there are two reports 1", func(l []Link) []Link { return append(l[:1], l[0]) }},
		{"a note is missing", "report 2 has no note, report 1 has one", func(l []Link) []Link { l[1].Note = ""; return l }},
		{"notes changed places", "the note of report 1 is the one of report 2", func(l []Link) []Link { l[0].Note, l[1].Note = l[1].Note, l[0].Note; return l }},
		{"no report", "file: the report is not a JSON object", func(l []Link) []Link { l[1].Report = []byte("no"); return l }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := prove(t, test.change(links(t, nil)))
			if len(c.Problems) == 0 || !strings.HasPrefix(c.Problems[0].Message, test.want) {
				t.Errorf("got %v, want %s", c.Problems, test.want)
			}
		})
	}
}
