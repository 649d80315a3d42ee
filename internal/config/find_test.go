package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	const home = "/home/u/.config/auditor/auditor.toml"
	tests := []struct {
		name    string
		flag    string
		env     map[string]string
		present []string
		want    string
		err     string
	}{
		{
			name: "the flag goes first", flag: "x.toml", env: map[string]string{"AUDITOR_CONFIG": "y.toml", "HOME": "/home/u"},
			present: []string{"x.toml", "y.toml", home, systemFile}, want: "x.toml",
		},
		{
			name: "then the environment", env: map[string]string{"AUDITOR_CONFIG": "y.toml", "HOME": "/home/u"},
			present: []string{"y.toml", home, systemFile}, want: "y.toml",
		},
		{name: "then the home directory", env: map[string]string{"HOME": "/home/u"}, present: []string{home, systemFile}, want: home},
		{name: "then the system", env: map[string]string{"HOME": "/home/u"}, present: []string{systemFile}, want: systemFile},
		{name: "a service has no home", present: []string{systemFile, ".config/auditor/auditor.toml"}, want: systemFile},
		{
			name: "a wrong flag is not passed over", flag: "x.toml", present: []string{systemFile},
			err: "no configuration file found (looked for -c x.toml); name one with -c FILE",
		},
		{
			name: "a wrong variable is not passed over", env: map[string]string{"AUDITOR_CONFIG": "y.toml"}, present: []string{systemFile},
			err: "no configuration file found (looked for $AUDITOR_CONFIG = y.toml); name one with -c FILE",
		},
		{
			name: "nothing", env: map[string]string{"HOME": "/home/u"},
			err: "no configuration file found (looked for $AUDITOR_CONFIG (not set), " + home + ", " + systemFile + "); name one with -c FILE",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := find(test.flag, func(name string) string { return test.env[name] },
				func(path string) bool { return slices.Contains(test.present, path) })
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (err != nil || test.err != "") && (err == nil || err.Error() != test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
			var missing *NotFoundError
			if err != nil && (!errors.As(err, &missing) || missing.ExitStatus() != 1) {
				t.Errorf("%T with the wrong exit status", err)
			}
		})
	}
}

func TestFindLooksIntoTheFileSystem(t *testing.T) {
	home := t.TempDir()
	want := filepath.Join(home, ".config", "auditor", "auditor.toml")
	if err := os.MkdirAll(filepath.Dir(want), 0o700); err != nil {
		t.Fatal(err)
	}
	getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
	if got, _ := Find("", getenv); got == want {
		t.Error("it finds a file that does not exist")
	}
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Find("", getenv); got != want || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
