// Package docstest reads the manuals, so that tests run and check what they tell
// people to type.
//
// A fenced block of a manual may carry a label behind its language, such as
// "sql publication" or "ini production, logical": it is how a test finds the block,
// and readers never see it.
package docstest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A Block is one fenced or indented block of a manual.
type Block struct {
	File     string
	Line     int    // of its first line, from 1
	Language string // "" for an indented block
	Label    string // "" if it has none
	Text     string // without the fence or the indentation
}

// Place is where the block stands, as compilers print it.
func (b Block) Place() string { return fmt.Sprintf("%s:%d", b.File, b.Line) }

// Find returns the only block of a manual with that language and label; the test
// fails if there is none, or more than one.
func Find(t testing.TB, file, language, label string) Block {
	t.Helper()
	var found []Block
	for _, b := range Read(t, file) {
		if b.Language == language && b.Label == label {
			found = append(found, b)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d blocks of %s labelled %q, want one", file, len(found), language, label)
	}
	return found[0]
}

// Read returns all blocks of a manual, in order.
func Read(t testing.TB, file string) []Block {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := parse(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

// parse takes a manual apart. Lines indented by four columns are a block of their
// own unless they continue a list.
func parse(file, text string) ([]Block, error) {
	const fence = "```"
	var blocks []Block
	var fenced, indented *Block
	inList := false
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fenced != nil && trimmed == fence:
			blocks, fenced = append(blocks, *fenced), nil
		case fenced != nil:
			fenced.Text += line + "\n"
		case strings.HasPrefix(trimmed, fence):
			language, label, _ := strings.Cut(strings.TrimPrefix(trimmed, fence), " ")
			fenced = &Block{File: file, Line: i + 2, Language: language, Label: strings.TrimSpace(label)}
		case trimmed == "":
			if indented != nil {
				indented.Text += "\n"
			}
			continue
		case strings.HasPrefix(line, "    ") && !inList:
			if indented == nil {
				indented = &Block{File: file, Line: i + 1}
			}
			indented.Text += line[4:] + "\n"
			continue
		default:
			inList = isItem(line) || inList && strings.HasPrefix(line, " ")
		}
		if indented != nil {
			blocks, indented = append(blocks, *indented), nil
		}
	}
	if indented != nil {
		blocks = append(blocks, *indented)
	}
	if fenced != nil {
		return nil, fmt.Errorf("%s: the block does not end", fenced.Place())
	}
	return blocks, nil
}

// isItem says whether a line begins an item of a list.
func isItem(line string) bool {
	line = strings.TrimLeft(line, " ")
	if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") {
		return true
	}
	rest := strings.TrimLeft(line, "0123456789")
	return rest != line && strings.HasPrefix(rest, ". ")
}
