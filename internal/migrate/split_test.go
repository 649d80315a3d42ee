package migrate

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"auditor/sql"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		name, script string
		want         []statement
	}{
		{"nothing", "", nil},
		{"only comments", "-- a; b\n/* c; /* nested; */ d; */ \n;", nil},
		{"two", "select 1;\n\nselect 2;\n", []statement{{"select 1;", 1}, {"select 2;", 3}}},
		{"no semicolon at the end", "select 1;select 2", []statement{{"select 1;", 1}, {"select 2", 1}}},
		{"comments before and within", "-- x\n\nselect /* ; */ 1 -- ;\n;", []statement{{"select /* ; */ 1 -- ;\n;", 3}}},
		{"string", "select 'a;''b;' ; x;", []statement{{"select 'a;''b;' ;", 1}, {"x;", 1}}},
		{"backslash is no escape", `select 'a\'; b;`, []statement{{`select 'a\';`, 1}, {"b;", 1}}},
		{"escape string", `select E'a\';b'; c;`, []statement{{`select E'a\';b';`, 1}, {"c;", 1}}},
		{"a word that ends in e", `select type'a\'; c;`, []statement{{`select type'a\';`, 1}, {"c;", 1}}},
		{"identifier", `select ";" "a"";" ; c;`, []statement{{`select ";" "a"";" ;`, 1}, {"c;", 1}}},
		{"dollar quotes", "do $$ a; 'b $$; do $x$ ; $$ ; $x$;\nc;", []statement{{"do $$ a; 'b $$;", 1}, {"do $x$ ; $$ ; $x$;", 1}, {"c;", 2}}},
		{"parameters and names with dollars", "select $1, a$b$; c$b$;", []statement{{"select $1, a$b$;", 1}, {"c$b$;", 1}}},
		{"unfinished string", "a; 'b; c", []statement{{"a;", 1}, {"'b; c", 1}}},
		{"unfinished comment", "a; b /* c;", []statement{{"a;", 1}, {"b /* c;", 1}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := split(test.script); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// FuzzSplit: statements follow each other in the script, each on the line that it
// says, with nothing but blanks, comments and lone semicolons left out; and a
// statement that was split off is not split further.
func FuzzSplit(f *testing.F) {
	f.Add("select $$ ; $$, E'\\';', \";\" /* ; /* */ */; -- x\n;;")
	_ = fs.WalkDir(sql.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".sql") {
			f.Add(sql.Text(path))
		}
		return err
	})
	f.Fuzz(func(t *testing.T, script string) {
		rest, line := script, 1
		for _, s := range split(script) {
			before, after, found := strings.Cut(rest, s.text)
			if !found {
				t.Fatalf("%q is not in what is left of the script: %q", s.text, rest)
			}
			line += strings.Count(before, "\n")
			if !hasComment(before) && strings.Trim(before, " \t\r\n\f\v;") != "" {
				t.Fatalf("%q was left out", before)
			}
			if !hasComment(before) && s.line != line {
				t.Fatalf("%q is on line %d, not %d", s.text, line, s.line)
			}
			line += strings.Count(s.text, "\n")
			rest = after
			if again := split(s.text); len(again) != 1 || again[0].text != s.text {
				t.Fatalf("%q splits further into %+v", s.text, again)
			}
			if first := rune(s.text[0]); first == ';' || first < 0x80 && unicode.IsSpace(first) {
				t.Fatalf("%q does not begin with a token", s.text)
			}
		}
	})
}

// hasComment: a comment may hold anything, also the text of the statement after it.
func hasComment(s string) bool { return strings.Contains(s, "--") || strings.Contains(s, "/*") }
