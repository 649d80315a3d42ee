package command

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

func logged(t *testing.T, flags ...string) string {
	t.Helper()
	var out, messages bytes.Buffer
	app := New("prog", "log", "1", &out, &messages)
	app.Action = func(c *cli.Context) error {
		at := time.Date(2024, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600))
		Log(c).Debug("d")
		Log(c).Info("a\nb", "at", at, "text", "\x1b[2J\u009b", "err", errors.New("\u009b2J"))
		Log(c).Warn("w")
		Log(c).Error("e")
		ProgressOf(c).Start("silent", 10).Add(1)
		return nil
	}
	if status := Run(t.Context(), app, append([]string{"prog"}, flags...)); status != 0 {
		t.Fatalf("status %d: %s", status, messages.String())
	}
	if out.Len() > 0 {
		t.Errorf("on stdout: %s", out.String())
	}
	return messages.String()
}

func TestLogLevels(t *testing.T) {
	tests := []struct {
		flags []string
		want  string // one letter per record
	}{
		{nil, "IWE"},
		{[]string{"-L", "debug"}, "DIWE"},
		{[]string{"-L", "DEBUG"}, "DIWE"},
		{[]string{"--log-level", "warning"}, "WE"},
		{[]string{"--log-level=warn"}, "WE"},
		{[]string{"-L", "error"}, "E"},
		{[]string{"-q"}, "WE"},
		{[]string{"--quiet", "-L", "error"}, "E"},
	}
	for _, test := range tests {
		got := ""
		for line := range strings.Lines(logged(t, test.flags...)) {
			_, level, _ := strings.Cut(line, "level=")
			got += level[:1]
		}
		if got != test.want {
			t.Errorf("%v: got %s, want %s", test.flags, got, test.want)
		}
	}
}

func TestLogFormats(t *testing.T) {
	const now = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
	tests := []struct {
		flag, want string
	}{
		{"--log-format=text", `^time=` + now + ` level=INFO msg="a\\nb" at=2024-01-02T02:04:05\.006Z text="\\x1b\[2J\\u009b" err="\\u009b2J"\n`},
		{"--log-format=json", `^\{"time":"` + now + `","level":"INFO","msg":"a\\nb","at":"2024-01-02T02:04:05\.006Z","text":"\\u001b\[2J\\\\u009b","err":"\\\\u009b2J"\}\n`},
	}
	for _, test := range tests {
		if got := logged(t, test.flag); !regexp.MustCompile(test.want).MatchString(got) {
			t.Errorf("%s: %s", test.flag, got)
		}
	}
}
