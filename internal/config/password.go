package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// PasswordError says why a password cannot be had.
type PasswordError struct {
	File string // the password file
	Hint string // what is wrong with it and what to do
	Err  error  // what the operating system said, if anything
}

func (e *PasswordError) Error() string { return fmt.Sprintf("password_file %q %s", e.File, e.Hint) }

// Unwrap returns what the operating system said, if anything.
func (e *PasswordError) Unwrap() error { return e.Err }

// ExitStatus is the exit status of a program that cannot read its password.
func (e *PasswordError) ExitStatus() int { return 1 }

// Password returns the database's password: the one in the environment, else the one in its file, else
// none. An empty variable counts as not set. The error is a [*PasswordError].
func (d Database) Password(getenv func(string) string) (string, error) {
	return password(d.PasswordEnv, d.PasswordFile, getenv)
}

// Password returns the password or token for the account's wire gateway, or none if the account names no
// source. The error is a [*PasswordError], or says that the variable is not set.
func (a Account) Password(getenv func(string) string) (string, error) {
	word, err := password(a.PasswordEnv, a.PasswordFile, getenv)
	if err == nil && word == "" && a.PasswordEnv != "" {
		err = fmt.Errorf("the password of account %q is missing, set the environment variable %s", a.Name, a.PasswordEnv)
	}
	return word, err
}

func password(variable, file string, getenv func(string) string) (string, error) {
	if variable != "" {
		if word := getenv(variable); word != "" {
			return word, nil
		}
	}
	if file == "" {
		return "", nil
	}
	return readPassword(file)
}

// maxPassword bounds a password file, in bytes.
const maxPassword = 4096

func readPassword(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		var detail *os.PathError
		if errors.As(err, &detail) {
			err = detail.Err
		}
		return "", &PasswordError{path, fmt.Sprintf("cannot be read: %v; create it or correct its owner", err), err}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", &PasswordError{path, fmt.Sprintf("cannot be examined: %v; name another file", err), err}
	}
	if info.IsDir() {
		return "", &PasswordError{path, "is a folder, name a file", nil}
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return "", &PasswordError{path, fmt.Sprintf("is open to everybody (mode %04o), so change the password and run: chmod 600 %s", mode, path), nil}
	}
	content, err := io.ReadAll(io.LimitReader(file, maxPassword+1))
	if err != nil {
		return "", &PasswordError{path, fmt.Sprintf("cannot be read: %v; name another file", err), err}
	}
	word := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	switch {
	case word == "":
		return "", &PasswordError{path, "is empty, write the password into its only line", nil}
	case len(content) > maxPassword || strings.ContainsAny(word, "\r\n\x00"):
		return "", &PasswordError{path, "holds more than a password, write the password into its only line", nil}
	}
	return word, nil
}
