package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Completion of command lines in shells. The shells know nothing of our commands:
// their scripts call the program itself with the words typed so far, and offer what it
// answers. Where it answers nothing they offer files.

// completeWord, as the first argument, asks for completions. It is no command that
// people would type, so that nothing of theirs is taken from them, and it is answered
// before cli takes the words apart.
const completeWord = "__complete"

// scripts connect a shell with a program NAME.
func scripts() map[string]string {
	return map[string]string{
		"bash": `_NAME() {
    local candidate
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        COMPREPLY+=("$candidate")
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _NAME NAME
`,
		"zsh": `#compdef NAME
_NAME() {
    local -a candidates
    local line
    for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] && candidates+=("${line/$'\t'/:}")
    done
    if (( ${#candidates} )); then
        _describe NAME candidates
    else
        _files
    fi
}
if [[ ${funcstack[1]} == _NAME ]]; then
    _NAME
else
    compdef _NAME NAME
fi
`,
		"fish": `complete -c NAME -a '(set -l typed (commandline -opc); $typed[1] __complete $typed[2..] (commandline -ct) 2>/dev/null)'
`,
	}
}

const completionDescription = `Prints a script that makes a shell complete the commands and flags of this program. Load it where the
shell starts:

  source <(NAME completion bash)      # in ~/.bashrc
  source <(NAME completion zsh)       # in ~/.zshrc, after compinit
  NAME completion fish | source       # in ~/.config/fish/config.fish`

// completionCommand is a command of every program.
func completionCommand(program string) *cli.Command {
	named := func(text string) string { return strings.ReplaceAll(text, "NAME", program) }
	return &cli.Command{
		Name:        "completion",
		Usage:       "print what makes a shell complete command lines",
		Description: named(completionDescription),
		UsageText:   named("NAME completion [FLAGS] [bash|zsh|fish]\nNAME completion bash"),
		ArgsUsage:   "[bash|zsh|fish]",
		Action: func(c *cli.Context) error {
			script := scripts()[c.Args().First()]
			if script == "" || c.NArg() > 1 {
				return Usagef(c, "name one shell: bash, zsh or fish")
			}
			_, err := io.WriteString(c.App.Writer, named(script))
			return err
		},
	}
}

// A candidate is a word that could be meant, and what it does.
type candidate struct{ word, about string }

// complete answers which words could stand in place of the last one.
func (f *family) complete(words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	typed, last := words[:len(words)-1], words[len(words)-1]
	arguments := 0
	for i := 0; i < len(typed); i++ {
		word := typed[i]
		if isFlag(word) {
			if f.takesValue(word) {
				i++
				if i == len(typed) {
					return nil // the value of a flag
				}
			}
			continue
		}
		if sub := f.sub(word); sub != nil && arguments == 0 {
			f = sub
			continue
		}
		arguments++
	}
	var all []candidate
	if strings.HasPrefix(last, "-") {
		all = f.flagCandidates()
	} else if arguments == 0 {
		all = append(f.commandCandidates(), f.argumentCandidates()...)
	}
	return slices.DeleteFunc(all, func(c candidate) bool { return !strings.HasPrefix(c.word, last) })
}

// sub returns the subcommand of that name.
func (f *family) sub(name string) *family {
	for _, c := range f.subcommands {
		if slices.Contains(c.Names(), name) {
			return &family{path: f.path + " " + c.Name, parent: f, flags: c.Flags, subcommands: c.Subcommands, argsUsage: c.ArgsUsage}
		}
	}
	return nil
}

// takesValue says whether the word is a flag whose value is the next word.
func (f *family) takesValue(word string) bool {
	name := strings.TrimLeft(word, "-")
	for _, flag := range f.flags {
		if documented, ok := flag.(cli.DocGenerationFlag); ok && slices.Contains(flag.Names(), name) {
			return documented.TakesValue()
		}
	}
	return false
}

func (f *family) commandCandidates() []candidate {
	var list []candidate
	for _, c := range f.subcommands {
		if !c.Hidden {
			list = append(list, candidate{c.Name, c.Usage})
		}
	}
	return list
}

func (f *family) flagCandidates() []candidate {
	var list []candidate
	for _, flag := range f.flags {
		about := describeFlag(flag)[1]
		for _, name := range flag.Names() {
			list = append(list, candidate{dashed(name), about})
		}
	}
	return list
}

// argumentCandidates are the words that an argument may be, where it may be only these.
func (f *family) argumentCandidates() []candidate {
	choices := strings.Trim(f.argsUsage, "[]")
	if !strings.Contains(choices, "|") || choices != strings.ToLower(choices) {
		return nil
	}
	var list []candidate
	for _, choice := range strings.Split(choices, "|") {
		list = append(list, candidate{choice, ""})
	}
	return list
}

// writeCandidates writes one per line, with a tab before what it does.
func writeCandidates(w io.Writer, list []candidate) error {
	for _, c := range list {
		line := c.word
		if c.about != "" {
			line += "\t" + c.about
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
