package docstest

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyCommand calls visit with the path and the help of each program and of each of
// its commands.
func everyCommand(t *testing.T, help func([]string) (string, error), visit func(path []string, text string)) {
	t.Helper()
	var walk func(path []string)
	walk = func(path []string) {
		text, err := help(path)
		if err != nil {
			t.Fatal(err)
		}
		visit(path, text)
		for _, name := range readUsage(strings.Join(path, " "), text).commands {
			walk(append(slices.Clone(path), name))
		}
	}
	for _, program := range programs {
		walk([]string{program})
	}
}

// examples returns the lines of a help text that could be typed as they are: calls of
// the command without placeholders.
func examples(path []string, text string) []CommandLine {
	var list []CommandLine
	title, rest, _ := strings.Cut(text, "\n\n")
	synopsis, rest, _ := strings.Cut(rest, "\n\n")
	synopsis = strings.ReplaceAll(synopsis, "\n      ", " ") // lines that were too wide
	for i, line := range strings.Split(title+"\n\n"+synopsis+"\n\n"+rest, "\n") {
		words := call(comment.ReplaceAllString(strings.TrimSpace(line), ""))
		if !strings.HasPrefix(line, "  ") || words == nil || strings.ContainsAny(line, "[…") || strings.Contains(line, " COMMAND") {
			continue
		}
		if len(words) > len(path)-1 && isSubsequence(path, words) {
			list = append(list, CommandLine{fmt.Sprintf("line %d of the help", i+1), words, true})
		}
	}
	return list
}

func isSubsequence(part, words []string) bool {
	for _, w := range words {
		if len(part) > 0 && w == part[0] {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// TestEveryHelpTeaches: each command explains itself in more than a line, and has an
// example that the programs accept.
func TestEveryHelpTeaches(t *testing.T) {
	help := helpOf(build(t))
	commands := 0
	everyCommand(t, help, func(path []string, text string) {
		commands++
		name := strings.Join(path, " ")
		found := examples(path, text)
		if len(found) == 0 {
			t.Errorf("%s --help has no example:\n%s", name, text)
		}
		for _, example := range found {
			if err := check(example, help); err != nil {
				t.Errorf("%s --help: %q: %v", name, strings.Join(example.Words, " "), err)
			}
		}
		prose := 0
		for line := range strings.Lines(text) {
			if line != "\n" && !strings.HasPrefix(line, " ") && !strings.HasSuffix(line, ":\n") {
				prose++
			}
		}
		if prose < 3 {
			t.Errorf("%s --help does not explain what the command does:\n%s", name, text)
		}
		for line := range strings.Lines(text) {
			if len([]rune(line)) > 80+1 && len(strings.Fields(line)) > 3 && !strings.HasPrefix(line, "  ") {
				t.Errorf("%s --help has a line that is too wide: %s", name, line)
			}
		}
	})
	if commands < 12 {
		t.Errorf("only %d commands were found", commands)
	}
}

// TestManualPages: what make man makes is what troff understands, and describes every
// command.
func TestManualPages(t *testing.T) {
	bin := build(t)
	help := helpOf(bin)
	pages := map[string]string{}
	for _, program := range programs {
		page, err := exec.Command(filepath.Join(bin, program), "__man").Output()
		if err != nil {
			t.Fatal(err)
		}
		pages[program] = string(page)
	}
	everyCommand(t, help, func(path []string, _ string) {
		if heading := "\n.SS " + strings.ReplaceAll(strings.Join(path[1:], " "), "-", `\-`) + "\n"; len(path) > 1 && !strings.Contains(pages[path[0]], heading) {
			t.Errorf("the manual page of %s says nothing of %s", path[0], strings.Join(path, " "))
		}
	})
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is missing")
	}
	for program, page := range pages {
		cmd := exec.Command(groff, "-man", "-ww", "-Tutf8", "-rLL=100n")
		cmd.Stdin = strings.NewReader(page)
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		if text, err := cmd.Output(); err != nil || complaints.Len() > 0 || len(text) < 2000 {
			t.Errorf("%s: groff: %v\n%s", program, err, &complaints)
		}
	}
}

// TestCompletionOfThePrograms: each program has a script for each shell.
func TestCompletionOfThePrograms(t *testing.T) {
	bin := build(t)
	for _, program := range programs {
		for _, shell := range []string{"bash", "zsh", "fish"} {
			script, err := exec.Command(filepath.Join(bin, program), "completion", shell).Output()
			if err != nil || !strings.Contains(string(script), program) {
				t.Errorf("%s completion %s: %v\n%s", program, shell, err, script)
			}
		}
	}
}
