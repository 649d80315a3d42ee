package command

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"auditor/internal/nearest"
)

// UsageError says that a program was called in a wrong way.
type UsageError struct {
	Command string // the command whose help explains the right way, "auditor report"; may be empty
	Message string // ends with what to do
}

// Usagef makes a [*UsageError] for the command of c.
func Usagef(c *cli.Context, format string, args ...any) error {
	return &UsageError{c.Command.HelpName, fmt.Sprintf(format, args...)}
}

func (e *UsageError) Error() string { return e.Message }

// ExitStatus is [StatusUsage].
func (e *UsageError) ExitStatus() int { return StatusUsage }

// usageError puts what cli says about flags into words that help.
func (f *family) usageError(_ *cli.Context, err error, _ bool) error {
	return &UsageError{f.path, f.explain(err.Error())}
}

func (f *family) explain(message string) string {
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		return f.unknownFlag(name)
	}
	if name, ok := strings.CutPrefix(message, "flag needs an argument: -"); ok {
		return fmt.Sprintf("the flag %s needs a value", dashed(name))
	}
	if names, ok := strings.CutPrefix(message, "Cannot use two forms of the same flag: "); ok {
		forms := strings.Fields(names)
		for i := range forms {
			forms[i] = dashed(forms[i])
		}
		return fmt.Sprintf("%s are one flag, give it once", strings.Join(forms, " and "))
	}
	return message
}

func (f *family) unknownFlag(name string) string {
	for elder := f.parent; elder != nil; elder = elder.parent {
		if slices.Contains(flagNames(elder.flags), name) {
			return fmt.Sprintf("the flag %s belongs to %s: write it before %q", dashed(name), elder.path,
				strings.TrimPrefix(f.path, elder.path+" "))
		}
	}
	if guess := nearest.Of(name, longNames(f.flags)); guess != "" {
		return fmt.Sprintf("unknown flag %s, did you mean %s?", dashed(name), dashed(guess))
	}
	return fmt.Sprintf("unknown flag %s, see the list of flags", dashed(name))
}

// tidy puts the errors that cli makes outside of [cli.App.OnUsageError] into words.
func tidy(message string) string {
	if rest, ok := strings.CutPrefix(message, "Required flag"); ok {
		if _, names, ok := strings.Cut(rest, `"`); ok {
			names, _, _ = strings.Cut(names, `"`)
			missing := strings.Split(names, ", ")
			for i := range missing {
				missing[i] = dashed(missing[i])
			}
			return "missing flag, add " + strings.Join(missing, " and ")
		}
	}
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToLower(first)) + message[size:]
}

func dashed(name string) string {
	if utf8.RuneCountInString(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

func longNames(flags []cli.Flag) []string {
	return slices.DeleteFunc(flagNames(flags), func(name string) bool { return len(name) == 1 })
}
