package docstest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A CommandLine is a call of one of our programs in a manual or a unit file.
type CommandLine struct {
	Place string
	Words []string // the first is the name of the program, without its folder
	Whole bool     // a line of its own, rather than a few words in the middle of a sentence
}

// programs are the names of our programs.
var programs = []string{"auditor", "auditor-sync", "auditor-dbinit"}

// prefixes may stand in front of a program: a prompt, another user.
var prefixes = regexp.MustCompile(`^(\$ |# )?(sudo (-u \S+ )?|runuser -u \S+ -- )?`)

// comment is the rest of a line of a shell.
var comment = regexp.MustCompile(`\s#\s.*$`)

// commandLines returns the calls in the blocks of a manual.
func commandLines(blocks []Block) []CommandLine {
	var list []CommandLine
	for _, b := range blocks {
		if b.Language != "" && b.Language != "sh" && b.Language != "console" && b.Language != "ini" {
			continue
		}
		for i, line := range strings.Split(strings.ReplaceAll(b.Text, "\\\n", " "), "\n") {
			line = strings.TrimPrefix(strings.TrimSpace(line), "ExecStart=")
			line = prefixes.ReplaceAllString(comment.ReplaceAllString(line, ""), "")
			if words := call(line); words != nil {
				list = append(list, CommandLine{fmt.Sprintf("%s:%d", b.File, b.Line+i), words, true})
			}
		}
	}
	return list
}

// span is code in the middle of a sentence.
var span = regexp.MustCompile("`([^`]+)`")

// mentions returns the calls of more than one word in the sentences of a manual.
func mentions(file, text string) []CommandLine {
	var list []CommandLine
	inBlock := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inBlock = !inBlock
		}
		if inBlock || strings.HasPrefix(line, "    ") {
			continue
		}
		for _, match := range span.FindAllStringSubmatch(line, -1) {
			if words := call(match[1]); len(words) > 1 {
				list = append(list, CommandLine{fmt.Sprintf("%s:%d", file, i+1), words, false})
			}
		}
	}
	return list
}

// call splits a command line into words if it calls one of our programs.
func call(line string) []string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	words[0] = filepath.Base(words[0])
	if !slices.Contains(programs, words[0]) {
		return nil
	}
	if cut := slices.IndexFunc(words, func(w string) bool { return slices.Contains([]string{"|", ">", "&&", ";", "&"}, w) }); cut >= 0 {
		words = words[:cut]
	}
	return words
}

// A usage is what a command's help says about it.
type usage struct {
	flags     map[string]bool // with dashes; true if it takes a value
	required  [][]string      // the names of each flag that must be given
	commands  []string
	arguments string // such as "[exchange|auditor]"; "" if it takes none
}

var (
	flagLine    = regexp.MustCompile(`^  ((?:-\w, )*(?:--?[\w-]+))( [A-Z]\S*)?(?:\s|$)`)
	commandLine = regexp.MustCompile(`^  ([a-z][a-z-]*(?:, [a-z-]+)*)(?:\s|$)`)
)

// readUsage understands the help of a command, whose name as typed is path.
func readUsage(path, help string) usage {
	u := usage{flags: map[string]bool{}}
	section, last := "", []string(nil)
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\n")
		if line != "" && !strings.HasPrefix(line, " ") {
			section = line
			continue
		}
		switch section {
		case "Flags:":
			if m := flagLine.FindStringSubmatch(line); m != nil {
				last = strings.Split(m[1], ", ")
				for _, name := range last {
					u.flags[name] = m[2] != ""
				}
			}
			if strings.Contains(line, "(required)") {
				u.required = append(u.required, last)
			}
		case "Commands:":
			if m := commandLine.FindStringSubmatch(line); m != nil {
				u.commands = append(u.commands, strings.Split(m[1], ", ")...)
			}
		case "Usage:":
			rest, ok := strings.CutPrefix(strings.TrimSpace(line), path+" [FLAGS]")
			if ok {
				u.arguments = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "[COMMAND]"))
			}
		}
	}
	return u
}

// check compares a call with the help of the commands that it names. The function
// help returns the help of a program or of one of its commands.
func check(c CommandLine, help func(path []string) (string, error)) error {
	path, words := c.Words[:1], c.Words[1:]
	for {
		text, err := help(path)
		if err != nil {
			return err
		}
		u := readUsage(strings.Join(path, " "), text)
		given, rest, err := u.takeFlags(words)
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(path, " "), err)
		}
		descends := len(rest) > 0 && slices.Contains(u.commands, rest[0])
		if missing := u.missing(given); c.Whole && !descends && missing != "" {
			return fmt.Errorf("%s lacks the flag %s", strings.Join(path, " "), missing)
		}
		if !descends {
			return u.checkArguments(path, rest)
		}
		path, words = append(path[:len(path):len(path)], rest[0]), rest[1:]
	}
}

// takeFlags takes the flags in front of a command or argument.
func (u usage) takeFlags(words []string) (given, rest []string, err error) {
	for len(words) > 0 {
		word := words[0]
		if word == "…" {
			words = words[1:]
			continue
		}
		if !strings.HasPrefix(word, "-") {
			break
		}
		name, _, joined := strings.Cut(word, "=")
		takesValue, known := u.flags[name]
		if !known {
			return nil, nil, fmt.Errorf("there is no flag %s", name)
		}
		given, words = append(given, name), words[1:]
		if takesValue && !joined && len(words) > 0 {
			words = words[1:]
		}
	}
	return given, words, nil
}

func (u usage) missing(given []string) string {
	for _, names := range u.required {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(given, name) }) {
			return names[len(names)-1]
		}
	}
	return ""
}

func (u usage) checkArguments(path, words []string) error {
	name := strings.Join(path, " ")
	if len(words) == 0 {
		return nil
	}
	if u.arguments == "" {
		return fmt.Errorf("%s has no command %q and takes no argument", name, words[0])
	}
	for _, word := range words {
		if strings.HasPrefix(word, "-") {
			return fmt.Errorf("%s: the flag %s stands behind an argument", name, word)
		}
		choices := strings.Split(strings.Trim(u.arguments, "[]"), "|")
		if literal := u.arguments == strings.ToLower(u.arguments); literal && !slices.Contains(choices, word) {
			return fmt.Errorf("%s takes %s, not %q", name, u.arguments, word)
		}
	}
	return nil
}
