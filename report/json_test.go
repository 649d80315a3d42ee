package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func writeJSON(t interface {
	Helper()
	Fatal(...any)
}, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSONGolden(t *testing.T) {
	golden(t, "empty.json", writeJSON(t, emptyReport()))
	golden(t, "full.json", writeJSON(t, fullReport()))
}

func TestJSONSatisfiesSchema(t *testing.T) {
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": fullReport(), "hostile": hostileReport()} {
		text := writeJSON(t, r)
		if err := validate(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.HasSuffix(text, []byte("\n}\n")) {
			t.Errorf("%s does not end in one line feed", name)
		}
	}
}

func TestJSONIsSafeToPrint(t *testing.T) {
	text := string(writeJSON(t, hostileReport()))
	if flaw := safe(strings.ReplaceAll(text, "\n", "")); flaw != "" {
		t.Errorf("JSON %s", flaw)
	}
	if !strings.Contains(text, "<b>&amp;</b> é中文😀") {
		t.Error("harmless text was escaped")
	}
	r, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Exchange.BaseURL, string([]rune(hostileText)); got != want {
		t.Errorf("text changed to %+q", got)
	}
}

func TestWriteJSONNormalizes(t *testing.T) {
	r := emptyReport()
	zone := time.FixedZone("", 5*3600)
	r.AsOf, r.Started, r.Finished = r.AsOf.In(zone), r.Started.In(zone), r.Finished.In(zone)
	r.Previous = &Previous{Run: 1, AsOf: r.AsOf}
	r.Findings = []Finding{finding("R-04", Loss, func(f *Finding) { f.First = f.First.In(zone) })}
	before := *r
	text := writeJSON(t, r)
	if bytes.Contains(text, []byte("+05:00")) || bytes.Contains(text, []byte("null")) {
		t.Errorf("got %s", text)
	}
	if !reflect.DeepEqual(before, *r) || r.Findings[0].First.Location() != zone || r.Previous.AsOf.Location() != zone {
		t.Error("the report was changed")
	}
}

func TestWriteJSONRefusesAmountsWithoutCurrency(t *testing.T) {
	r := emptyReport()
	r.Checks[0].Open.Loss.Currency = ""
	if err := WriteJSON(&bytes.Buffer{}, r); err == nil {
		t.Error("written")
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": fullReport()} {
		back, err := ReadJSON(bytes.NewReader(writeJSON(t, r)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := normal(r); !reflect.DeepEqual(back, want) {
			t.Errorf("%s came back as\n%+v\nwant\n%+v", name, back, want)
		}
	}
}

func TestJSONRoundTripOfAnyReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t, rapid.String().Filter(utf8.ValidString))
		text := writeJSON(t, r)
		back, err := ReadJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if want := normal(r); !reflect.DeepEqual(back, want) {
			t.Fatalf("came back as\n%+v\nwant\n%+v", back, want)
		}
	})
}

func TestReadJSONIsStrict(t *testing.T) {
	good := string(writeJSON(t, fullReport()))
	for _, test := range []struct{ name, old, new, want string }{
		{"other format", "auditor-report/1", "auditor-report/2", "format"},
		{"missing field", `"run": 3,`, ``, "missing"},
		{"unknown field", `"run": 3,`, `"run": 3, "walk": 3,`, "walk"},
		{"other capitals", `"run": 3,`, `"run": 3, "Run": 3,`, "Run"},
		{"duplicate field", `"run": 3,`, `"run": 3, "run": 3,`, "twice"},
		{"duplicate inner field", `"severity": "loss",`, `"severity": "loss", "severity": "notice",`, "twice"},
		{"unknown severity", `"severity": "loss"`, `"severity": "fatal"`, "severity"},
		{"unknown status", `"status": "resolved"`, `"status": "gone"`, "status"},
		{"null list", `"unchecked": [`, `"unchecked": null, "x": [`, "unchecked"},
		{"odd amount", `"EUR:12.5"`, `"EUR:12.50"`, "loss"},
		{"amount too large", `"EUR:12.5"`, `"EUR:4503599627370497"`, "larger"},
		{"amount as number", `"EUR:12.5"`, `12.5`, "loss"},
		{"number too large", `"serial": 31998`, `"serial": 31998000000000000000000`, "serial"},
		{"local time", `"2026-03-01T12:00:01Z"`, `"2026-03-01T12:00:01+00:00"`, "started"},
		{"no time", `"2026-03-01T12:00:01Z"`, `"yesterdayZ"`, "started"},
		{"short key", key(0x5a), key(0x5a)[1:], "master_public_key"},
		{"leap second", `"2026-03-01T12:00:01Z"`, `"2026-12-31T23:59:60Z"`, "impossible"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bad := strings.Replace(good, test.old, test.new, 1)
			if bad == good {
				t.Fatal("nothing was replaced")
			}
			_, err := ReadJSON(strings.NewReader(bad))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not name %q", err, test.want)
			}
		})
	}
	for name, text := range map[string]string{
		"empty": "", "not JSON": "{", "two reports": good + good, "trailing text": good + "x", "an array": "[" + good + "]",
		"not UTF-8": strings.Replace(good, "auditor\"", "auditor\xff\"", 1), "null": "null",
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add(writeJSON(f, emptyReport()))
	f.Add(writeJSON(f, fullReport()))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := ReadJSON(bytes.NewReader(writeJSON(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := writeJSON(t, r), writeJSON(t, again); !bytes.Equal(a, b) || !json.Valid(a) {
			t.Errorf("%s became %s", a, b)
		}
	})
}
