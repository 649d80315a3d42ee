package report

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEscape(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "payto://iban/DE75512108001245126199", "payto://iban/DE75512108001245126199"},
		{"other scripts", "Zürich 東京 Київ", "Zürich 東京 Київ"},
		{"control", "a\x1b[31m\a\x7f", `a\x1b[31m\x07\x7f`},
		{"line ends", "a\r\n\tb", `a\r\n\tb`},
		{"c1 control", "a\u009b2J", `a\u009b2J`},
		{"backslash", `a\x1b`, `a\\x1b`},
		{"not UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"replacement character", "a\ufffd", "a\ufffd"},
		{"bidi override", "a\u202ecod\u202c", `a\u202ecod\u202c`},
		{"bidi isolate and mark", "\u2066\u200f\u061c", `\u2066\u200f\u061c`},
		{"right-to-left letters", "\u05d01 \u0661", `\u05d01 \u0661`},
		{"zero width", "pay\u200bpal\ufeff\u00ad", `pay\u200bpal\ufeff\u00ad`},
		{"blanks", "\u00a0\u3164\u2800\u3000", `\u00a0\u3164\u2800\u3000`},
		{"line separator", "\u2028", `\u2028`},
		{"tags and private use", "\U000e0041\U0010ffff", `\U000e0041\U0010ffff`},
		{"variation selector", "\u2764\ufe0f", "\u2764" + `\ufe0f`},
		{"mark without letter", "\u0301a", `\u0301a`},
		{"some marks", "a\u0301\u0323", "a\u0301\u0323"},
		{"many marks", "a\u0301\u0301\u0301\u0301", "a\u0301\u0301\u0301" + `\u0301`},
		{"mark after an escape sequence", "\u200b\u0301", `\u200b\u0301`},
		{"spaces", " a b  c ", `\x20a b \x20c\x20`},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Escape(test.in); got != test.want {
				t.Errorf("Escape(%+q) = %s, want %s", test.in, got, test.want)
			}
		})
	}
}

func TestEscapeCutsLongText(t *testing.T) {
	got := Escape(strings.Repeat("é", 5000))
	if want := strings.Repeat("é", 500) + "… (9,000 more bytes)"; got != want {
		t.Errorf("got %s", got)
	}
	if whole := strings.Repeat("a", maxEscaped); Escape(whole) != whole {
		t.Error("text of the greatest length was cut")
	}
}

// safe tells what is wrong with text that goes to a terminal.
func safe(text string) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8"
	}
	for _, r := range text {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Bidi_Control, r),
			unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs), unicode.IsSpace(r) && r != ' ',
			unicode.IsLetter(r) && unicode.In(r, unicode.Hebrew, unicode.Arabic):
			return "holds " + strconv.QuoteRuneToASCII(r)
		}
	}
	return ""
}

func FuzzEscape(f *testing.F) {
	f.Add(hostileText)
	f.Add(strings.Repeat("\u0301", 700))
	f.Add("a\\\xf0\x9f")
	f.Fuzz(func(t *testing.T, s string) {
		got := Escape(s)
		if flaw := safe(got); flaw != "" {
			t.Errorf("Escape(%+q) %s", s, flaw)
		}
		if len(got) > maxEscaped+len(`\U00000000`)+len("… (18,446,744,073,709,551,615 more bytes)") {
			t.Errorf("Escape of %d bytes has %d bytes", len(s), len(got))
		}
		if len(s) > maxEscaped/10 {
			return
		}
		back, err := strconv.Unquote(`"` + strings.ReplaceAll(got, `"`, `\"`) + `"`)
		if err != nil || back != s {
			t.Errorf("Escape(%+q) = %s, which stands for %+q: %v", s, got, back, err)
		}
		for _, width := range []int{minTextColumn, 40} {
			wrapped(t, got, width)
		}
	})
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Escape(rapid.String().Draw(t, "text") + strings.Repeat("x", rapid.IntRange(0, 200).Draw(t, "more")))
		wrapped(t, text, rapid.IntRange(minTextColumn, 100).Draw(t, "width"))
	})
}

// wrapped checks that lines fit and give back the text.
func wrapped(t interface{ Errorf(string, ...any) }, text string, width int) {
	var back strings.Builder
	lines := wrap(text, width)
	for i, l := range lines {
		if cells(l) > width {
			t.Errorf("line %+q is %d wide, not %d", l, cells(l), width)
		}
		if backslashes := len(l) - len(strings.TrimRight(l, `\`)); backslashes%2 == 1 {
			back.WriteString(strings.TrimSuffix(l, continued))
		} else {
			back.WriteString(l)
			if i < len(lines)-1 {
				back.WriteString(" ")
			}
		}
	}
	if back.String() != text {
		t.Errorf("lines of %+q give %+q", text, back.String())
	}
}

func TestWrapBreaks(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"at spaces", "one two three four", "one two|three four"},
		{"long word", "a " + strings.Repeat("b", 22), `a|bbbbbbbbbbb\|bbbbbbbbbbb`},
		{"escape sequence stays whole", "aaaaaaaaa" + `\u202e` + "b", `aaaaaaaaa\|\u202eb`},
		{"wide characters", "中中中中中中中", `中中中中中\|中中`},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(wrap(test.in, 12), "|"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
