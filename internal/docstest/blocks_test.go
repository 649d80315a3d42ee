package docstest

import (
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	const fence = "```"
	manual := "# Title\n" +
		"\n" +
		"    auditor -c a.toml\n" +
		"\n" +
		"    auditor demo\n" +
		"text\n" +
		fence + "sql publication, here\nselect 1;\n\n    where\n" + fence + "\n" +
		"1. item\n" +
		"    continued, no block\n" +
		"   " + fence + "\n   in the item\n   " + fence + "\n" +
		"\n" +
		"Text.\n" +
		"\n" +
		"    last"
	want := []Block{
		{"m.md", 3, "", "", "auditor -c a.toml\n\nauditor demo\n"},
		{"m.md", 8, "sql", "publication, here", "select 1;\n\n    where\n"},
		{"m.md", 15, "", "", "   in the item\n"},
		{"m.md", 20, "", "", "last\n"},
	}
	got, err := parse("m.md", manual)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
	if _, err := parse("m.md", "a\n"+fence+"\nb\n"); err == nil {
		t.Error("a block without an end is accepted")
	}
}
