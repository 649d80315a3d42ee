package command

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// manWord, as the only argument, asks for the manual page of the program, which the
// Makefile does; people have --help.
const manWord = "__man"

// man gives the manual page of a program in roff: what the help texts of the program
// and all its commands say.
func man(root help, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s\" \"GNU Taler auditor suite\"\n", strings.ToUpper(roff(root.path)), roff(version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", roff(root.path), roff(root.usage))
	manSynopsis(&b, root)
	b.WriteString(".SH DESCRIPTION\n")
	manText(&b, root.description)
	b.WriteString(".SH OPTIONS\n")
	manFlags(&b, root.flags)
	if len(root.subcommands) > 0 {
		b.WriteString(".SH COMMANDS\n")
		manCommands(&b, root.family)
	}
	return b.String()
}

// manCommands describes the commands of a family, and theirs.
func manCommands(b *strings.Builder, f *family) {
	for _, c := range f.subcommands {
		if c.Hidden {
			continue
		}
		sub := f.sub(c.Name)
		fmt.Fprintf(b, ".SS %s\n%s.\n.PP\n", roff(strings.TrimPrefix(sub.path, f.root().path+" ")), roff(capital(c.Usage)))
		manSynopsis(b, help{sub, c.Usage, c.UsageText, c.ArgsUsage, c.Description})
		if c.Description != "" {
			b.WriteString(".PP\n")
			manText(b, c.Description)
		}
		manFlags(b, c.Flags)
		manCommands(b, sub)
	}
}

func (f *family) root() *family {
	for f.parent != nil {
		f = f.parent
	}
	return f
}

func manSynopsis(b *strings.Builder, h help) {
	b.WriteString(".nf\n")
	for line := range strings.Lines(h.synopsis()) {
		b.WriteString(roffLine(strings.TrimSpace(line)))
	}
	b.WriteString(".fi\n")
}

// manText writes paragraphs; lines that begin with a space are shown as they are.
func manText(b *strings.Builder, text string) {
	literal := false
	for _, part := range paragraphs(text) {
		if verbatim := strings.HasPrefix(part, " "); verbatim != literal {
			literal = verbatim
			b.WriteString(map[bool]string{true: ".RS\n.nf\n", false: ".fi\n.RE\n"}[literal])
		}
		if part == "" {
			b.WriteString(".PP\n")
			continue
		}
		b.WriteString(roffLine(strings.TrimSpace(part)))
	}
	if literal {
		b.WriteString(".fi\n.RE\n")
	}
}

func manFlags(b *strings.Builder, flags []cli.Flag) {
	for _, f := range flags {
		if visible, ok := f.(cli.VisibleFlag); !ok || !visible.IsVisible() {
			continue
		}
		described := describeFlag(f)
		fmt.Fprintf(b, ".TP\n.B %s\n%s", roff(described[0]), roffLine(described[1]))
	}
}

// roff keeps text from being taken for requests or escapes, and is of ASCII alone.
func roff(text string) string {
	var b strings.Builder
	for _, r := range strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", "\\`").Replace(text) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

// roffLine is a line of text.
func roffLine(text string) string {
	line := roff(text)
	if strings.HasPrefix(line, ".") {
		line = `\&` + line
	}
	return line + "\n"
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
