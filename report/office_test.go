package report

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"auditor/internal/office"
)

func officeFixture() *OfficeReport {
	return &OfficeReport{
		Format: OfficeFormat, Office: office.Auditor, Source: OfExchange, Name: "https://exchange.example/", Currency: "EUR",
		Made: clock("2026-03-01T12:00:00Z"), From: ptr(clock("2026-02-01T00:00:00Z")),
		Sections: []OfficeSection{
			{ID: "days", Title: "Use of money, day by day", Columns: []OfficeColumn{{"day", KindDay}, {"deposits", KindCount}, {"spent", KindAmount}},
				Rows: [][]any{{"2026-02-01", int64(1200), "12.5"}, {"2026-02-02", int64(0), "0"}, {"2026-02-04", int64(7), "1234567.00000001"}}, Omitted: 3},
			{ID: "merchants", Title: "Merchants", Note: "All of them.", Columns: []OfficeColumn{{"account", KindText}, {"last", KindTime}, {"median", KindSeconds}, {"hour", KindHour}},
				Rows: [][]any{{"payto://iban/DE1?receiver-name=a", "2026-02-04T10:00:00Z", 12.25, int64(9)}, {hostileText, "never", nil, nil}}},
			{ID: "nothing", Title: "Nothing", Columns: []OfficeColumn{{"what", KindText}}},
		},
	}
}

var officeForms = map[string]func(io.Writer, *OfficeReport) error{
	"office.txt":         func(w io.Writer, r *OfficeReport) error { return WriteOfficeText(w, r, TextOptions{}) },
	"office.json":        WriteOfficeJSON,
	"office.html":        WriteOfficeHTML,
	"office.openmetrics": WriteOfficeMetrics,
}

func officeIn(t *testing.T, form string) string {
	t.Helper()
	var b bytes.Buffer
	if err := officeForms[form](&b, officeFixture()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOfficeGolden(t *testing.T) {
	for form := range officeForms {
		golden(t, form, []byte(officeIn(t, form)))
	}
}

func TestOfficeTextIsLegible(t *testing.T) {
	for line := range strings.Lines(officeIn(t, "office.txt")) {
		line = strings.TrimSuffix(line, "\n")
		if flaw := safe(line); flaw != "" || cells(line) > defaultWidth {
			t.Errorf("a line of %d columns %s: %+q", cells(line), flaw, line)
		}
	}
}

func TestOfficeJSONSatisfiesItsSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(OfficeSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("office.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("office.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text := officeIn(t, "office.json")
	for _, c := range []struct{ old, new string }{{"", ""}, {`"omitted": 3`, `"omitted": -3`}, {`"kind": "count"`, `"kind": "number"`}, {`"made"`, `"maid"`}, {`"office": "auditor"`, `"office": "janitor"`}} {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(text, c.old, c.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); (err == nil) != (c.old == "") {
			t.Errorf("with %s instead of %s: %v", c.new, c.old, err)
		}
	}
}

// Each line is one of the grammar of OpenMetrics; each family is declared once, before its
// samples; no sample is there twice.
func TestOfficeMetrics(t *testing.T) {
	declared := regexp.MustCompile(`^# (TYPE|UNIT|HELP) ([a-z_0-9]+) .+$`)
	sample := regexp.MustCompile(`^([a-z_0-9]+)\{([a-z_]+="(\\[\\n"]|[^\\"\n])*")(,[a-z_]+="(\\[\\n"]|[^\\"\n])*")*\} -?[0-9.e+-]+$`)
	text, ended := strings.CutSuffix(officeIn(t, "office.openmetrics"), "# EOF\n")
	if !ended {
		t.Error("there is no end")
	}
	family, seen := "", map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		key, _, _ := strings.Cut(line, "} ")
		if seen[key] {
			t.Errorf("twice: %s", line)
		}
		seen[key] = true
		if m := declared.FindStringSubmatch(line); m != nil {
			if m[1] == "TYPE" {
				family = m[2]
			}
			if m[2] != family {
				t.Errorf("out of order: %s", line)
			}
			continue
		}
		if m := sample.FindStringSubmatch(line); m == nil || m[1] != family {
			t.Errorf("neither of family %s nor well-formed: %q", family, line)
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d lines", len(seen))
	}
}
