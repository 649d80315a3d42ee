package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func passwordFile(t *testing.T, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPassword(t *testing.T) {
	file := passwordFile(t, "from file\n", 0o600)
	tests := []struct {
		name string
		db   Database
		env  string // value of the variable V
		want string
	}{
		{"none", Database{}, "x", ""},
		{"environment", Database{PasswordEnv: "V"}, " from environment ", " from environment "},
		{"file", Database{PasswordEnv: "V", PasswordFile: file}, "", "from file"},
		{"environment before file", Database{PasswordEnv: "V", PasswordFile: file}, "e", "e"},
		{"CR LF", Database{PasswordFile: passwordFile(t, "a b\r\n", 0o640)}, "", "a b"},
		{"no end of line, blanks count", Database{PasswordFile: passwordFile(t, " x ", 0o400)}, "", " x "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			getenv := func(name string) string {
				if name != "V" {
					t.Errorf("it asks for the variable %q", name)
				}
				return test.env
			}
			got, err := test.db.Password(getenv)
			if err != nil || got != test.want {
				t.Errorf("database: got %q, %v; want %q", got, err, test.want)
			}
			account := Account{PasswordFile: test.db.PasswordFile, PasswordEnv: test.db.PasswordEnv}
			if got, err = account.Password(getenv); err != nil || got != test.want {
				t.Errorf("account: got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestPasswordRefuses(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, file, want string }{
		{"readable by everybody", passwordFile(t, "hunter2", 0o644), "is open to everybody (mode 0644), so change the password and run: chmod 600 FILE"},
		{"writable by everybody", passwordFile(t, "hunter2", 0o602), "is open to everybody (mode 0602), so change the password and run: chmod 600 FILE"},
		{"missing", dir + "/none", "cannot be read: no such file or directory; create it or correct its owner"},
		{"folder", dir, "is a folder, name a file"},
		{"empty", passwordFile(t, "\n", 0o600), "is empty, write the password into its only line"},
		{"two lines", passwordFile(t, "hunter2\nx\n", 0o600), "holds more than a password, write the password into its only line"},
		{"endless", passwordFile(t, strings.Repeat("x", maxPassword+1), 0o600), "holds more than a password, write the password into its only line"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			word, err := Database{PasswordFile: test.file}.Password(func(string) string { return "" })
			want := `password_file "` + test.file + `" ` + strings.ReplaceAll(test.want, "FILE", test.file)
			if word != "" || err == nil || err.Error() != want {
				t.Errorf("got %q, %v\nwant %s", word, err, want)
			}
			var refused *PasswordError
			if !errors.As(err, &refused) || refused.ExitStatus() != 1 {
				t.Errorf("%T with the wrong exit status", err)
			}
		})
	}
	_, err := Account{Name: "a", PasswordEnv: "V"}.Password(func(string) string { return "" })
	if err == nil || err.Error() != `the password of account "a" is missing, set the environment variable V` {
		t.Errorf("got %v", err)
	}
}
