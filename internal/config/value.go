package config

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"auditor/internal/nearest"
	"auditor/internal/taler"
)

// value is a setting that a key fills: the TOML type that it takes, how to check and store what the file
// says, and how to show it without secrets.
type value struct {
	wants string
	set   func(any) error
	show  func() string
}

// errType says that a TOML value is not of the type that its key takes.
var errType = errors.New("wrong type")

func text[T any](p *T, parse func(string) (T, error)) value {
	return value{
		wants: "a string",
		set: func(v any) error {
			s, ok := v.(string)
			if !ok {
				return errType
			}
			parsed, err := parse(s)
			if err != nil {
				return err
			}
			*p = parsed
			return nil
		},
		show: func() string { return fmt.Sprint(*p) },
	}
}

func boolean(p *bool) value {
	return value{
		wants: "true or false, without quotes",
		set: func(v any) error {
			b, ok := v.(bool)
			if !ok {
				return errType
			}
			*p = b
			return nil
		},
		show: func() string { return fmt.Sprint(*p) },
	}
}

// fileNames is one file name, or a list of them.
func fileNames(p *[]string) value {
	return value{
		wants: "a string or a list of strings",
		set: func(v any) error {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			if len(list) == 0 {
				return errors.New("this is an empty list, name a file or remove the line")
			}
			var names []string
			for _, element := range list {
				s, ok := element.(string)
				if !ok {
					return errType
				}
				name, err := fileName(s)
				if err != nil {
					return err
				}
				if slices.Contains(names, name) {
					return fmt.Errorf("%q is named twice, remove one of the two", name)
				}
				names = append(names, name)
			}
			*p = names
			return nil
		},
		show: func() string { return strings.Join(*p, "\n") },
	}
}

// numbers is a list of numbers of 16 bits, each at most once.
func numbers(p *[]uint16) value {
	return value{
		wants: "a list of integers",
		set: func(v any) error {
			list, ok := v.([]any)
			if !ok {
				return errType
			}
			all := []uint16{}
			for _, element := range list {
				n, ok := element.(int64)
				if !ok {
					return errType
				}
				if n < 0 || n > math.MaxUint16 {
					return fmt.Errorf("%d is not between 0 and %d, correct it", n, math.MaxUint16)
				}
				if slices.Contains(all, uint16(n)) {
					return fmt.Errorf("%d is in the list twice, remove one of the two", n)
				}
				all = append(all, uint16(n))
			}
			*p = all
			return nil
		},
		show: func() string { return fmt.Sprint(*p) },
	}
}

func connection(p *string) value {
	v := text(p, printable)
	v.show = func() string { return withoutPassword(*p) }
	return v
}

// typeName names the type of a decoded TOML value as people know it.
func typeName(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a number with a fraction"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "an array of tables"
	default:
		return "an array"
	}
}

func roundUnit(s string) (taler.Amount, error) {
	unit, err := taler.ParseAmount(s)
	if err == nil && unit.Value != 0 && unit.Fraction != 0 {
		err = fmt.Errorf("%s has both an integer and a fractional part, give a unit such as %s:0.01 or %s:1",
			unit, unit.Currency, unit.Currency)
	}
	return unit, err
}

func payto(s string) (string, error) {
	_, err := taler.ParsePayto(s)
	return s, err
}

// ParseBaseURL checks a base URL that was given elsewhere, and returns it as the configuration would.
func ParseBaseURL(s string) (string, error) { return baseURL(s) }

// baseURL checks a URL to which paths can be appended. It does not repeat credentials in its errors.
func baseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", errors.New("this is no URL, write one such as \"https://host.example/\"")
	case u.User != nil:
		return "", errors.New("the URL holds credentials, remove them")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%q is no http or https URL, write one such as \"https://host.example/\"", s)
	case u.Host == "":
		return "", fmt.Errorf("%q names no host, write a URL such as \"https://host.example/\"", s)
	case strings.ContainsAny(s, "?#"):
		return "", fmt.Errorf("%q has a query or a fragment, remove it", s)
	case !strings.HasSuffix(s, "/"):
		return "", fmt.Errorf("%q does not end with '/', append one", s)
	}
	return printable(s)
}

func printable(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("this is empty, give a value or remove the line")
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		return "", fmt.Errorf("byte %d is no printable character, remove it", i+1)
	}
	return s, nil
}

func fileName(s string) (string, error) {
	if strings.HasPrefix(s, "~") {
		return "", errors.New("'~' is not expanded here, write the absolute path")
	}
	return printable(s)
}

// maxIdentifier is the length at which PostgreSQL cuts names off, in bytes.
const maxIdentifier = 63

func identifier(s string) (string, error) {
	if len(s) > maxIdentifier {
		return "", fmt.Errorf("the name is longer than the %d bytes that PostgreSQL keeps, shorten it", maxIdentifier)
	}
	return printable(s)
}

// environmentVariable does not repeat its argument in errors: it may be the password itself.
func environmentVariable(s string) (string, error) {
	for i, r := range s {
		letter := r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return "", errors.New("this is no name of an environment variable, give the name of the one that holds the password")
		}
	}
	return printable(s)
}

func oneOf(words ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if slices.Contains(words, s) {
			return s, nil
		}
		if guess := nearest.Of(s, words); guess != "" {
			return "", fmt.Errorf("%q is unknown, did you mean %q?", s, guess)
		}
		return "", fmt.Errorf("%q is unknown, choose one of %s", s, strings.Join(words, ", "))
	}
}

func positiveDuration(s string) (time.Duration, error) {
	d, err := ParseDuration(s)
	if err == nil && d == 0 {
		err = fmt.Errorf("%q is no time at all, give a positive one", s)
	}
	return d, err
}
