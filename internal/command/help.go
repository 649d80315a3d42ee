package command

import (
	"flag"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// Help texts, at most 80 columns wide. cli neither wraps the explanations of flags nor keeps them together.

const (
	helpWidth  = 80
	nameColumn = 24 // names that are longer, in characters, stand on a line of their own
)

// help is what the help text of a command is made of.
type help struct {
	*family
	usage, usageText, argsUsage, description string
}

// template gives the help text as a template for cli.
func (h help) template() string { return strings.ReplaceAll(h.text(), "{{", `{{"{{"}}`) }

func (h help) text() string {
	var b strings.Builder
	paragraph(&b, h.path+" - "+h.usage, 0)
	b.WriteString("\nUsage:\n")
	for line := range strings.Lines(h.synopsis()) {
		b.WriteString("  ")
		paragraph(&b, strings.TrimSpace(line), 6)
	}
	if h.description != "" {
		b.WriteString("\n")
		for _, part := range paragraphs(h.description) {
			if strings.HasPrefix(part, " ") {
				b.WriteString(part + "\n")
			} else {
				paragraph(&b, part, 0)
			}
		}
	}
	var commands, flags [][2]string
	for _, c := range h.subcommands {
		if !c.Hidden {
			commands = append(commands, [2]string{strings.Join(c.Names(), ", "), c.Usage})
		}
	}
	for _, f := range h.flags {
		if visible, ok := f.(cli.VisibleFlag); ok && visible.IsVisible() {
			flags = append(flags, describeFlag(f))
		}
	}
	table(&b, "Commands", commands)
	table(&b, "Flags", flags)
	if h.parent != nil {
		b.WriteString("\n")
		root := h.family
		for root.parent != nil {
			root = root.parent
		}
		paragraph(&b, "The flags of "+root.path+" itself go before the command; see '"+root.path+" --help'.", 0)
	}
	return b.String()
}

// paragraphs joins the lines of each paragraph of a text. Empty lines and lines that
// begin with a space stay what they are.
func paragraphs(text string) []string {
	var parts []string
	joins := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		plain := line != "" && !strings.HasPrefix(line, " ")
		if plain && joins {
			parts[len(parts)-1] += " " + line
		} else {
			parts = append(parts, line)
		}
		joins = plain
	}
	return parts
}

// synopsis gives the usage text or, without one, makes it up.
func (h help) synopsis() string {
	if h.usageText != "" {
		return h.usageText
	}
	text := h.path + " [FLAGS]"
	if len(h.names()) > 0 {
		text += " [COMMAND]"
	}
	return strings.TrimSpace(text + " " + h.argsUsage)
}

// describeFlag returns "-b, --batch ROWS" and the explanation with its default.
func describeFlag(f cli.Flag) [2]string {
	names := slices.Clone(f.Names())
	slices.SortStableFunc(names, func(a, b string) int { return min(len(a), 2) - min(len(b), 2) })
	for i := range names {
		names[i] = dashed(names[i])
	}
	left := strings.Join(names, ", ")
	documented, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return [2]string{left, ""}
	}
	value, explanation := flag.UnquoteUsage(&flag.Flag{Usage: documented.GetUsage()})
	if documented.TakesValue() {
		left += " " + strings.ToUpper(value)
		if text := strings.Trim(documented.GetDefaultText(), `"`); text != "" && text != "0" && text != "0s" {
			explanation += " (default: " + text + ")"
		}
	}
	if required, ok := f.(cli.RequiredFlag); ok && required.IsRequired() {
		explanation += " (required)"
	}
	return [2]string{left, explanation}
}

// table writes names and explanations in two columns.
func table(b *strings.Builder, title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n" + title + ":\n")
	column := 0
	for _, row := range rows {
		if width := utf8.RuneCountInString(row[0]); width <= nameColumn {
			column = max(column, width+4)
		}
	}
	column = max(column, 8)
	for _, row := range rows {
		name := "  " + row[0]
		if row[1] == "" {
			b.WriteString(name + "\n")
			continue
		}
		gap := column - utf8.RuneCountInString(name)
		if gap < 2 {
			name += "\n"
			gap = column
		}
		b.WriteString(name + strings.Repeat(" ", gap))
		paragraph(b, row[1], column)
	}
}

// paragraph writes the words of text, broken before column 80; every line but the first is indented. The
// first one is taken to begin there, too.
func paragraph(b *strings.Builder, text string, indent int) {
	column := indent
	for i, word := range strings.Fields(text) {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+width > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += width
	}
	b.WriteString("\n")
}
