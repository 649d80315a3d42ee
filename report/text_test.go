package report

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"pgregory.net/rapid"

	"auditor/internal/taler"
)

func writeText(t interface {
	Helper()
	Fatal(...any)
}, r *Report, opt TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteText(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	golden(t, "empty.txt", []byte(writeText(t, emptyReport(), TextOptions{})))
	golden(t, "full.txt", []byte(writeText(t, fullReport(), TextOptions{})))
	golden(t, "full-60.txt", []byte(writeText(t, fullReport(), TextOptions{Width: 60})))
	golden(t, "full-color.txt", []byte(writeText(t, fullReport(), TextOptions{Color: true})))
	golden(t, "hostile.txt", []byte(writeText(t, hostileReport(), TextOptions{})))
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]+m")

// legible checks what holds for every text form of every report.
func legible(t interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}, r *Report, width int) {
	t.Helper()
	text := writeText(t, r, TextOptions{Width: width})
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if cells(line) > width {
			t.Errorf("a line is %d wide, not %d: %s", cells(line), width, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("a line ends in a space: %q", line)
		}
		if flaw := safe(line); flaw != "" {
			t.Errorf("a line %s: %+q", flaw, line)
		}
	}
	colored := writeText(t, r, TextOptions{Width: width, Color: true})
	if bare := colors.ReplaceAllString(colored, ""); bare != text {
		t.Errorf("colours change the text to\n%s", bare)
	}
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
		t.Errorf("the text does not end in one line feed")
	}
}

func TestTextIsLegible(t *testing.T) {
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": fullReport(), "hostile": hostileReport(), "zero": {}} {
		for _, width := range []int{minWidth, 72, 80, 132} {
			t.Run(name, func(t *testing.T) { legible(t, r, width) })
		}
	}
}

func TestAnyTextIsLegible(t *testing.T) {
	hostile := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{hostileText, hash(7), strings.Repeat("中", 60), "\u202e"}),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		legible(t, anyReport(t, hostile), rapid.IntRange(minWidth, 120).Draw(t, "width"))
	})
}

func TestTextIgnoresTheLocale(t *testing.T) {
	want := writeText(t, fullReport(), TextOptions{})
	twwidth.SetEastAsian(true) // as the library does by itself under a Japanese locale
	t.Cleanup(func() { twwidth.SetEastAsian(false) })
	if got := writeText(t, fullReport(), TextOptions{}); got != want {
		t.Errorf("got %s", got)
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Report)
		want   string
	}{
		{"nothing found", func(*Report) {}, "No findings. 2 checks over 1,284 rows."},
		{"nothing checked", func(r *Report) { r.Checks, r.Population = nil, nil }, "Nothing was checked. 0 checks over 0 rows."},
		{"one finding", func(r *Report) {
			r.Findings = []Finding{finding("R-04", Loss, func(*Finding) {})}
			r.Checks[0].Open, r.Checks[0].Listed = totals(1, "12.5", "0", "0"), 1
		}, "1 finding: 1 loss. Certain loss EUR 12.50."},
		{"sorts and sums", func(r *Report) {
			r.Findings = []Finding{
				finding("R-05", Inconsistency, func(*Finding) {}), finding("R-06", Inconsistency, func(*Finding) {}),
				finding("R-04", Loss, func(*Finding) {}), finding("R-15", Loss, func(f *Finding) { f.Status = Resolved }),
			}
			r.Checks[0].Open = totals(1, "1", "2", "0.001")
			r.Checks[1].Open = totals(2, "1", "2", "0")
		}, "3 findings: 1 loss, 2 inconsistencies. Certain loss EUR 2.00, exposure EUR 4.00, undue gain EUR 0.001."},
		{"not all listed", func(r *Report) {
			r.Findings = []Finding{finding("R-20", Notice, func(*Finding) {})}
			r.Checks[0].Open = totals(5000, "0", "0", "0")
		}, "5,000 findings, 1 of them listed: 1 notice."},
		{"none listed", func(r *Report) { r.Checks[0].Open = totals(5, "0", "0", "0") }, "5 findings, none of them listed."},
		{"only resolved", func(r *Report) {
			r.Previous = &Previous{Run: 1}
			r.Findings = []Finding{finding("R-20", Notice, func(f *Finding) { f.Status = Resolved })}
		}, "No findings. 2 checks over 1,284 rows. Listed findings since report 1: 1 resolved."},
		{"something unchecked", func(r *Report) { r.Unchecked = []Unchecked{{Area: "reserves", What: "a", Why: "b"}} },
			"1 thing could not be checked; see the end of this report."},
		{"a replication alert", func(r *Report) { r.Alerts = []Alert{{Kind: "altered-row", Count: 1}} },
			"1 replication alert is open: the exchange changed what was copied from it, or showed what must not be copied."},
		{"beyond all amounts", func(r *Report) {
			for i := range r.Checks {
				r.Checks[i].Open = totals(1, "4503599627370496", "0", "0")
			}
		}, "Certain loss more than EUR 4,503,599,627,370,496.00."},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := emptyReport()
			test.change(r)
			text := writeText(t, r, TextOptions{Width: 132})
			head, _, _ := strings.Cut(text, "\nScope\n")
			if !strings.Contains(strings.ReplaceAll(head, "\n", " "), test.want) {
				t.Errorf("got %s\nwant %s", head, test.want)
			}
		})
	}
}

func TestScheduleOrder(t *testing.T) {
	r := emptyReport()
	r.Findings = nil
	for _, f := range []struct {
		severity Severity
		status   Status
	}{{Notice, New}, {Loss, Resolved}, {Exposure, Persisting}, {Loss, New}, {"dire", "odd"}, {Loss, Persisting}} {
		r.Findings = append(r.Findings, finding("R-04", f.severity, func(g *Finding) {
			g.Status, g.Summary = f.status, "Told: "+string(f.severity)+" "+string(f.status)+"."
		}))
	}
	var got []string
	for _, m := range regexp.MustCompile(`Told: (.*)\.`).FindAllStringSubmatch(writeText(t, r, TextOptions{}), -1) {
		got = append(got, m[1])
	}
	if want := "dire odd, loss new, loss persisting, loss resolved, exposure persisting, notice new"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestFindingsBeyondTheList(t *testing.T) {
	text := writeText(t, fullReport(), TextOptions{Width: 200})
	if want := "R-05 … and 12,345 more of this check, not listed. All 12,346 open findings of this check together: exposure EUR 61.73."; !strings.Contains(text, want) {
		t.Errorf("%s lacks %s", text, want)
	}
}

func TestTextRefusesMixedCurrencies(t *testing.T) {
	r := fullReport()
	r.Checks[0].Open.Loss.Currency = "CHF"
	if err := WriteText(&bytes.Buffer{}, r, TextOptions{}); !errors.Is(err, taler.ErrCurrencyMismatch) {
		t.Errorf("error %v", err)
	}
}

func TestTextReportsWriteErrors(t *testing.T) {
	if err := WriteText(brokenWriter{}, fullReport(), TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestIdentityLength(t *testing.T) {
	for _, test := range []struct {
		ids  string
		want int
	}{
		{"0123456789ab", 8},
		{"0123456789ab 0123456780ab", 10},
		{"0123456789ab 1123456789ab 0123456789ac", 12},
		{"0123456789ab 0123456789ab", 12},
	} {
		var findings []Finding
		for id := range strings.FieldsSeq(test.ids) {
			findings = append(findings, Finding{Identity: id})
		}
		if got := identityLength(findings); got != test.want {
			t.Errorf("%s: got %d, want %d", test.ids, got, test.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{group(0), "0"}, {group(999), "999"}, {group(1000), "1,000"}, {group(1<<64 - 1), "18,446,744,073,709,551,615"},
		{count(-1 << 63), "-9,223,372,036,854,775,808"}, {count(-5), "-5"},
		{money(eur("0")), "EUR 0.00"}, {money(eur("12.5")), "EUR 12.50"}, {money(eur("1234.00000001")), "EUR 1,234.00000001"},
		{plural(1, "loss", "losses"), "1 loss"}, {plural(0, "loss", "losses"), "0 losses"},
		{change(t, "1", "3.5"), "+2.50"}, {change(t, "3.5", "1"), "-2.50"}, {change(t, "1", "1"), "0.00"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func change(t *testing.T, before, after string) string {
	text, err := difference(eur(before), eur(after), 2)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
