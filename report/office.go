package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"auditor/internal/office"
	"auditor/internal/taler"
)

// OfficeFormat names the form of an [OfficeReport].
const OfficeFormat = "auditor-office-report-1"

// OfficeReport is what an office is told about a period. It holds what the office's views
// show, summed up.
type OfficeReport struct {
	Format   string          `json:"format"` // OfficeFormat
	Office   office.Role     `json:"office"`
	Source   OfficeSource    `json:"source"`
	Name     string          `json:"name"`               // base URL of the exchange, or the database of the event log
	Currency taler.Currency  `json:"currency,omitempty"` // of the amounts; absent of an event log
	Made     time.Time       `json:"made"`
	From     *time.Time      `json:"from,omitempty"`    // what happened then or later; absent: from the beginning
	To       *time.Time      `json:"to,omitempty"`      // what happened before; absent: until now
	Service  string          `json:"service,omitempty"` // of an event log: the one service that the report is about; absent: all
	User     string          `json:"user,omitempty"`    // the one user, a UUID; absent: all
	Sections []OfficeSection `json:"sections"`
}

// OfficeSource is what an office looked at.
type OfficeSource string

// The sources.
const (
	OfExchange OfficeSource = "exchange"
	OfEventLog OfficeSource = "event log"
)

// OfficeSection is one table of an [OfficeReport].
type OfficeSection struct {
	ID      string         `json:"id"` // stable, lower case with underscores
	Title   string         `json:"title"`
	Note    string         `json:"note,omitempty"` // what a reader must know
	Columns []OfficeColumn `json:"columns"`
	Rows    [][]any        `json:"rows"`    // per column a string, an int64, a float64 or nil
	Omitted int64          `json:"omitted"` // rows that are not listed
}

// OfficeColumn is a column of an [OfficeSection].
type OfficeColumn struct {
	Name string     `json:"name"` // stable, lower case with underscores
	Kind OfficeKind `json:"kind"`
}

// Title is the name for people, with the unit of what was measured.
func (c OfficeColumn) Title() string {
	return strings.ReplaceAll(c.Name, "_", " ") + map[OfficeKind]string{KindSeconds: " (s)", KindNanoseconds: " (ns)", KindRate: " (1/s)"}[c.Kind]
}

// OfficeKind says what the values of a column are.
type OfficeKind string

// The kinds. Times are UTC.
const (
	KindText        OfficeKind = "text"        // string
	KindDay         OfficeKind = "day"         // string, 2026-11-27
	KindTime        OfficeKind = "time"        // string, 2026-11-27T12:00:00Z, or "never"
	KindHour        OfficeKind = "hour"        // int64, of a day, 0 to 23
	KindCount       OfficeKind = "count"       // int64
	KindAmount      OfficeKind = "amount"      // string, decimal, in units of the currency
	KindSeconds     OfficeKind = "seconds"     // float64
	KindNanoseconds OfficeKind = "nanoseconds" // float64
	KindRate        OfficeKind = "rate"        // float64, per second
)

// Label reports whether values tell rows apart, rather than say something of them.
func (k OfficeKind) Label() bool {
	return k == KindText || k == KindDay || k == KindTime || k == KindHour
}

// number returns a value that can be drawn.
func (k OfficeKind) number(value any) (float64, bool) {
	if k.Label() {
		return 0, false
	}
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// show writes a value for people.
func (k OfficeKind) show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case int64:
		if k == KindHour {
			return fmt.Sprintf("%02d:00", v)
		}
		return count(v)
	case float64:
		return decimal(v)
	case string:
		if k == KindAmount {
			return decimalAmount(v)
		}
		if k == KindTime {
			return Escape(strings.Replace(strings.TrimSuffix(v, "Z"), "T", " ", 1))
		}
		return Escape(v)
	}
	return Escape(fmt.Sprint(value))
}

// decimal writes a measured number with three significant digits, or as a whole number.
func decimal(v float64) string {
	switch {
	case v >= 1000 || v <= -1000:
		return count(int64(v))
	case v == float64(int64(v)):
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// decimalAmount sets thousands apart and writes at least two decimals.
func decimalAmount(v string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(v, "-"); negative {
		sign, v = "-", rest
	}
	whole, part, _ := strings.Cut(v, ".")
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil {
		return Escape(sign + v)
	}
	return sign + group(n) + "." + part + strings.Repeat("0", max(0, minDecimals-len(part)))
}

// title names a report for people.
func (r *OfficeReport) title() string {
	return fmt.Sprintf("Report to the office %s on %s", r.Office, map[OfficeSource]string{OfExchange: "the exchange " + Escape(r.Name), OfEventLog: "the event log in " + Escape(r.Name)}[r.Source])
}

// period says for people what the report is about.
func (r *OfficeReport) period() string {
	text, until := "from the beginning", r.Made
	if r.From != nil {
		text = "from " + moment(*r.From)
	}
	if r.To != nil {
		until = *r.To
	}
	text += " until " + moment(until)
	if r.Service != "" {
		text += ", of the service " + Escape(r.Service) + " alone"
	}
	if r.User != "" {
		text += ", of the user " + Escape(r.User) + " alone"
	}
	return text
}
