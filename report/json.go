package report

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The JSON form of a report: the value itself, field by field, as the
// published schema describes it.

// Schema is the JSON Schema (2020-12) of what [WriteJSON] writes and
// [ReadJSON] accepts.
//
//go:embed report.schema.json
var Schema string

const schemaName = "report.schema.json"

// WriteJSON writes r as one JSON object that satisfies [Schema], with an
// indentation of two spaces and a line feed at the end. Times are in UTC, lists
// are present even if empty. Characters that are not safe to print are written
// as escape sequences; bytes that are not UTF-8 become U+FFFD.
func WriteJSON(w io.Writer, r *Report) error {
	if err := writeIndented(w, normal(r)); err != nil {
		return fmt.Errorf("write report %d as JSON: %w", r.Run, err)
	}
	return nil
}

func writeIndented(w io.Writer, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeJSON(text.Bytes()))
	return err
}

// normal returns a copy of r whose times are in UTC and whose lists exist.
func normal(r *Report) *Report {
	n := *r
	n.AsOf, n.Started, n.Finished = n.AsOf.UTC(), n.Started.UTC(), n.Finished.UTC()
	if n.Previous != nil {
		previous := *n.Previous
		previous.AsOf = previous.AsOf.UTC()
		n.Previous = &previous
	}
	if n.Restart != nil {
		restart := *n.Restart
		restart.At = restart.At.UTC()
		n.Restart = &restart
	}
	n.Scope.Areas = present(n.Scope.Areas)
	if n.Checkpoint != nil {
		n.Checkpoint = &Checkpoint{Tables: present(n.Checkpoint.Tables)}
	}
	n.Population = present(n.Population)
	n.Figures = present(n.Figures)
	n.Checks = present(n.Checks)
	n.Findings = present(slices.Clone(n.Findings))
	for i := range n.Findings {
		f := &n.Findings[i]
		f.First = f.First.UTC()
		if f.Acknowledged != nil {
			acknowledged := *f.Acknowledged
			acknowledged.At = acknowledged.At.UTC()
			f.Acknowledged = &acknowledged
		}
	}
	n.Alerts = present(slices.Clone(n.Alerts))
	for i := range n.Alerts {
		n.Alerts[i].First, n.Alerts[i].Last = n.Alerts[i].First.UTC(), n.Alerts[i].Last.UTC()
	}
	n.Unchecked = present(n.Unchecked)
	return &n
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// ReadJSON reads one report and nothing else. It refuses whatever does not
// satisfy [Schema]: another format, a field that is missing, unknown, given
// twice or spelled with other capitals, a value out of range, text after the
// report. It reads r to its end; callers who do not trust the size limit it.
func ReadJSON(r io.Reader) (*Report, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("the report is not UTF-8 text, take it from where it was written")
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("the report is not a JSON object, take it from where it was written: %w", err)
	}
	if head.Format != Format {
		return nil, fmt.Errorf("the report has the format %.40q and not %q, read it with the version of the program that wrote it", head.Format, Format)
	}
	if err := refuseDuplicates(text); err != nil {
		return nil, err
	}
	if err := validate(text); err != nil {
		return nil, fmt.Errorf("the report differs from its published schema, take it from where it was written: %w", err)
	}
	var report Report
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil {
		return nil, fmt.Errorf("the report holds an impossible value, take it from where it was written: %w", err)
	}
	return &report, nil
}

// RunOf returns the number that a text gives itself if it is the JSON form of a
// report, which it need not be; else 0.
func RunOf(text []byte) int64 {
	var head struct {
		Run int64 `json:"run"`
	}
	if json.Unmarshal(text, &head) != nil {
		return 0
	}
	return head.Run
}

// validate compares a JSON text with the schema.
func validate(text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(Schema)))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaName, document); err != nil {
		return err
	}
	schema, err := compiler.Compile(schemaName)
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(instance)
}

// refuseDuplicates finds objects in a valid JSON text that give a field twice:
// readers differ on which of the two counts.
func refuseDuplicates(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	type object struct {
		seen map[string]bool // nil for an array
		key  bool            // whether a key comes next
	}
	var open []object
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].seen != nil {
			inner := &open[n-1]
			if inner.key {
				name := token.(string)
				if inner.seen[name] {
					return fmt.Errorf("the report gives the field %.40q twice, take it from where it was written", name)
				}
				inner.seen[name] = true
			}
			inner.key = !inner.key
		}
		switch token {
		case json.Delim('{'):
			open = append(open, object{seen: map[string]bool{}, key: true})
		case json.Delim('['):
			open = append(open, object{})
		}
	}
}
