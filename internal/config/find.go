package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FileEnv is the environment variable that names the configuration file.
const FileEnv = "AUDITOR_CONFIG"

const systemFile = "/etc/auditor/auditor.toml"

// NotFoundError says that there is no configuration file.
type NotFoundError struct {
	Looked []string // where, in this order, in the words of the user
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("no configuration file found (looked for %s); name one with -c FILE", strings.Join(e.Looked, ", "))
}

// ExitStatus is the exit status of a program that has no configuration.
func (e *NotFoundError) ExitStatus() int { return 1 }

// Find returns the path of the configuration file: the value of the -c flag, else $AUDITOR_CONFIG, else
// ~/.config/auditor/auditor.toml, else /etc/auditor/auditor.toml, the last two if they exist. An empty flag or
// variable counts as not given. The error is a [*NotFoundError].
func Find(flag string, getenv func(string) string) (path string, err error) {
	return find(flag, getenv, func(path string) bool {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	})
}

func find(flag string, getenv func(string) string, exists func(path string) bool) (string, error) {
	if flag != "" {
		return existing(flag, "-c "+flag, exists)
	}
	if path := getenv(FileEnv); path != "" {
		return existing(path, "$"+FileEnv+" = "+path, exists)
	}
	looked := []string{"$" + FileEnv + " (not set)"}
	var candidates []string
	if home := getenv("HOME"); home != "" {
		candidates = append(candidates, filepath.Join(home, ".config", "auditor", "auditor.toml"))
	}
	for _, path := range append(candidates, systemFile) {
		if exists(path) {
			return path, nil
		}
		looked = append(looked, path)
	}
	return "", &NotFoundError{Looked: looked}
}

func existing(path, origin string, exists func(string) bool) (string, error) {
	if !exists(path) {
		return "", &NotFoundError{Looked: []string{origin}}
	}
	return path, nil
}
