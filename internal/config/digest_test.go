package config

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const digestSource = `[exchangedb]
config = "host=db password=secret dbname=x"
password_file = "a"
` + account

// The digest is a promise to readers of old reports: it changes only on purpose.
func TestDigestIsStable(t *testing.T) {
	c, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Accounts {
		c.Accounts[i].HistoryIncoming, c.Accounts[i].HistoryOutgoing = nil, nil
	}
	const want = "08262d5e0f71a71881e95c4771688703fcaba1ec77a78adc34d2c2d377115f51"
	if got := c.Digest(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDigestSeesSettingsOnly(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		same     bool
	}{
		{"comment", "[exchangedb]", "# x\n[exchangedb]", true},
		{"default written out", "password_file = \"a\"", "schema = \"public\"", true},
		{"password", "password=secret", "password = 'hunter 2'", true},
		{"source of the password", "\"a\"", "\"b\"", true},
		{"host", "host=db", "host=db2", false},
		{"schema", "password_file = \"a\"", "schema = \"exchange\"", false},
		{"duration in other words", "password_file = \"a\"", "idle_reserve_expiration_time = \"28 days\"", true},
		{"duration", "password_file = \"a\"", "idle_reserve_expiration_time = \"29 days\"", false},
		{"account", "account.a", "account.b", false},
		{"boolean", "enable_credit = true", "enable_credit = false", false},
	}
	digest := func(source string) string {
		c, err := parse("f.toml", source)
		if err != nil {
			t.Fatal(err)
		}
		return c.Digest()
	}
	before := digest(digestSource)
	for _, test := range tests {
		if !strings.Contains(digestSource, test.old) {
			t.Fatalf("%s: nothing to replace", test.name)
		}
		after := digest(strings.Replace(digestSource, test.old, test.new, 1))
		if (after == before) != test.same {
			t.Errorf("%s: before %s, after %s", test.name, before, after)
		}
	}
}

func TestWithoutPassword(t *testing.T) {
	tests := []struct{ connection, want string }{
		{"", ""},
		{"postgres:///taler-auditor", "postgres:///taler-auditor"},
		{"postgres://u@h/d", "postgres://u@h/d"},
		{"postgres://u:p@h1:1,h2:2/d?a=b", "postgres://u@h1:1,h2:2/d?a=b"},
		{"postgresql://u:p@x:y@h/d?password=p&a=b&sslpassword=p", "postgresql://u@h/d?a=b"},
		{"postgres://h/d@x?password=p", "postgres://h/d@x?"},
		{"postgres://u:p@h?x", "postgres://u@h?x"},
		{"host=h user=u", "host=h user=u"},
		{"host=h password=p user=u", "host=h user=u"},
		{"host = 'a b'\tpassword = 'p \\' q'  user=u", "host='a b' user=u"},
		{"password=p\\ q dbname=d", "dbname=d"},
		{"dbname=d password", "dbname=d"},
		{"password='unclosed secret", ""},
	}
	for _, test := range tests {
		if got := withoutPassword(test.connection); got != test.want {
			t.Errorf("%q: got %q, want %q", test.connection, got, test.want)
		}
	}
}

// A password in a list of keywords never survives, however it is quoted, and everything else does.
func TestNoPasswordSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts, want []string
		for range rapid.IntRange(0, 5).Draw(t, "keywords") {
			name := rapid.SampledFrom([]string{"host", "user", "password", "sslpassword"}).Draw(t, "name")
			plain := rapid.SampledFrom([]string{"S", "a S", "S'", "\\S", ""}).Draw(t, "value")
			quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(plain) + "'"
			parts = append(parts, name+rapid.SampledFrom([]string{"=", " = "}).Draw(t, "equals")+quoted)
			if !strings.Contains(name, "password") {
				want = append(want, name+"="+quoted)
			}
		}
		if got := withoutPassword(strings.Join(parts, " ")); got != strings.Join(want, " ") {
			t.Fatalf("%q: got %q, want %q", parts, got, want)
		}
	})
}
