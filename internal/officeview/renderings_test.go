package officeview

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/office"
	"auditor/internal/simulator/tokennet"
	"auditor/internal/taler"
	"auditor/report"
)

var update = flag.Bool("update", false, "rewrite the examples in docs/offices.md and docs/events.md")

var forms = map[string]func(io.Writer, *report.OfficeReport) error{
	"text": func(w io.Writer, r *report.OfficeReport) error {
		return report.WriteOfficeText(w, r, report.TextOptions{Width: 200})
	},
	"json":        report.WriteOfficeJSON,
	"html":        report.WriteOfficeHTML,
	"openmetrics": report.WriteOfficeMetrics,
}

// No form of any report tells of a customer; and what an office must not see at all is in
// none of its reports: merchants' accounts for all but the auditor, amounts for performance.
func TestNoFormTellsTooMuch(t *testing.T) {
	conn, play := stage(t)
	secrets := secretsOf(t, conn)
	for _, o := range office.Roles() {
		r, err := Exchange(t.Context(), conn, Request{Office: o, Name: "https://exchange.example/", Currency: play.Currency(), Made: play.Clock()})
		if err != nil {
			t.Fatal(err)
		}
		for form, write := range forms {
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Fatalf("%s: the form %s tells of a customer: %s", o, form, s)
				}
			}
			if sees := strings.Contains(text, "payto:"); sees != (o == office.Auditor) {
				t.Errorf("%s: the form %s shows accounts: %v", o, form, sees)
			}
		}
		amounts := false
		for _, s := range r.Sections {
			for _, c := range s.Columns {
				amounts = amounts || c.Kind == report.KindAmount
			}
		}
		if amounts != (o != office.Performance) {
			t.Errorf("%s sees amounts: %v", o, amounts)
		}
	}
}

// secretsOf lists what tells customers apart, in each form in which it may be written.
func secretsOf(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	var list []string
	for _, query := range []string{
		"select reserve_pub from public.reserves", "select coin_pub from public.known_coins", "select h_blind_ev from public.reserves_out", "select h_contract_terms from public.deposits",
		"select coin_blind from public.recoup", "select rc from public.refresh_commitments",
	} {
		rows, err := conn.Query(t.Context(), query+" limit 200")
		if err != nil {
			t.Fatal(err)
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil || len(values) == 0 {
			t.Fatalf("%s: %d values, %v", query, len(values), err)
		}
		for _, v := range values {
			list = append(list, taler.EncodeBase32(v), fmt.Sprintf("%x", v))
		}
	}
	rows, err := conn.Query(t.Context(), "select distinct sender_account_details from public.reserves_in union select receiver_account from public.reserves_close")
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(accounts) == 0 {
		t.Fatalf("%d accounts, %v", len(accounts), err)
	}
	return append(list, accounts...)
}

// The manual shows the last whole day of the simulated exchange.
func TestExamplesOfTheManual(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many databases")
	}
	conn, play := stage(t)
	to := play.Clock().Truncate(24 * 60 * 60 * 1e9)
	from := to.AddDate(0, 0, -1)
	compareExamples(t, "../../docs/offices.md", 80, func(o office.Role) (*report.OfficeReport, error) {
		return Exchange(t.Context(), conn, Request{Office: o, Name: "https://exchange.example/", Currency: play.Currency(), Made: play.Clock(), From: &from, To: &to, Limit: 4})
	})
	list, details := tokennet.Day(1, simulatedDay, 5000)
	compareExamples(t, "../../docs/events.md", 128, func(o office.Role) (*report.OfficeReport, error) {
		_, conn := eventNode(t, o, list, details)
		return EventLog(t.Context(), conn, Request{Office: o, Name: "tokens", Made: simulatedDay.Add(30 * time.Hour), From: &simulatedDay, Limit: 4})
	})
}

// compareExamples compares a manual's examples with the reports that are made, or rewrites them.
func compareExamples(t *testing.T, path string, width int, made func(office.Role) (*report.OfficeReport, error)) {
	t.Helper()
	manual, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(manual)
	for _, o := range office.Roles() {
		r, err := made(o)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := report.WriteOfficeText(&b, r, report.TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		block := fmt.Sprintf("<!-- begin %s -->\n```text\n%s```\n<!-- end %[1]s -->", o, b.String())
		place := regexp.MustCompile(fmt.Sprintf(`(?s)<!-- begin %s -->.*<!-- end %[1]s -->`, o))
		if !place.MatchString(want) {
			t.Fatalf("%s has no place for the office %s", path, o)
		}
		want = place.ReplaceAllLiteralString(want, block)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if want != string(manual) {
		t.Errorf("%s shows something else: run go test ./internal/officeview -update and look at the change", path)
	}
}
