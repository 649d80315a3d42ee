package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxSize bounds a configuration file, in bytes.
const maxSize = 256 << 10

// Load reads the configuration in the file path for a program that cannot do without the given sections.
// An error is always a [*Problems].
//
// Files that the configuration names are relative to its own folder; Load makes their paths absolute. It does
// not read them.
func Load(path string, need ...Need) (*Config, error) {
	source, err := readFile(path)
	if err != nil {
		return nil, &Problems{List: []Problem{{File: path, Message: err.Error(), Err: err}}}
	}
	return parse(path, source, need...)
}

func readFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		var detail *os.PathError
		if errors.As(err, &detail) {
			err = detail.Err
		}
		return "", fmt.Errorf("the configuration cannot be read: %w; name another one with -c FILE", err)
	}
	defer file.Close()
	source, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("the configuration cannot be read: %w; name another one with -c FILE", err)
	case len(source) > maxSize:
		return "", fmt.Errorf("this is larger than %d KiB and no configuration; name another file with -c FILE", maxSize>>10)
	}
	return string(source), nil
}

// parse is Load for a file that has been read.
func parse(file, source string, need ...Need) (*Config, error) {
	document, err := parseDocument(source)
	if err != nil {
		return nil, &Problems{List: []Problem{syntaxProblem(document, file, err)}}
	}
	l := &loader{document: document, config: defaults(file), written: map[string]node{}, broken: map[string]bool{}}
	l.collectAccounts()
	l.readSections()
	l.resolveFiles()
	l.checkRequired(need)
	l.checkCurrencies()
	for i := range l.config.Accounts {
		l.checkAccount(&l.config.Accounts[i])
	}
	l.checkAccountsApart()
	if len(l.problems.List) > 0 {
		l.problems.sort()
		return nil, &l.problems
	}
	return l.config, nil
}

func syntaxProblem(d *document, file string, err error) Problem {
	problem := Problem{File: file, Message: strings.TrimPrefix(err.Error(), "toml: ") + "; correct the syntax"}
	var located toml.ParseError
	if errors.As(err, &located) {
		problem.Message = located.Message + "; correct the syntax"
		problem.Line, problem.Column = d.place(located.Position.Start)
	}
	return problem
}

// loader fills a configuration from a document and gathers the problems on the way.
type loader struct {
	document *document
	config   *Config
	written  map[string]node // the known sections and keys that stand in the file, by path
	broken   map[string]bool // those among them whose value is wrong
	problems Problems
}

// add reports a problem with a section or key; it is located if the file holds that or, else, its section.
func (l *loader) add(path toml.Key, format string, args ...any) {
	problem := Problem{File: l.config.File, Key: path.String(), Message: fmt.Sprintf(format, args...)}
	n, found := l.written[path.String()]
	if !found {
		n, found = l.written[path[:len(path)-1].String()]
	}
	if found {
		problem.Line, problem.Column = l.document.position(n)
	}
	l.problems.List = append(l.problems.List, problem)
}

// addAt reports a problem with a part of the file that is not known.
func (l *loader) addAt(n node, guess, format string, args ...any) {
	problem := Problem{File: l.config.File, Key: n.path.String(), Message: fmt.Sprintf(format, args...), Nearest: guess}
	problem.Line, problem.Column = l.document.position(n)
	l.problems.List = append(l.problems.List, problem)
}

// readSections stores all known keys and reports the others.
func (l *loader) readSections() {
	sections := l.config.sections()
	for _, n := range l.sectionNodes() {
		i := slices.IndexFunc(sections, func(s section) bool { return slices.Equal(s.path, n.path) })
		switch {
		case i < 0:
			l.unknownSection(n, sections)
		case !l.document.isTable(n):
			l.addAt(n, "", "expected a section [%s], found %s", n.path, typeName(l.document.value(n)))
		default:
			l.written[n.path.String()] = n
			l.readKeys(n, sections[i], sections)
		}
	}
}

func (l *loader) readKeys(table node, s section, sections []section) {
	for _, n := range l.document.children(table) {
		name := n.path[len(n.path)-1]
		i := slices.IndexFunc(s.keys, func(k key) bool { return k.name == name })
		if i < 0 {
			l.unknownKey(n, s, sections)
			continue
		}
		l.written[n.path.String()] = n
		v, k := l.document.value(n), s.keys[i]
		err := k.value.set(v)
		l.broken[n.path.String()] = err != nil
		if errors.Is(err, errType) {
			l.add(n.path, "expected %s, found %s; write it like %s = %s", k.value.wants, typeName(v), name, k.example)
		} else if err != nil {
			l.add(n.path, "%v", err)
		}
	}
}

// sectionNodes returns the tables that are or should be sections: those at the top, with the tables of the
// accounts in the place of their common parent.
func (l *loader) sectionNodes() []node {
	var list []node
	for _, n := range l.document.top() {
		if n.path[0] == accountsTable && l.document.isTable(n) {
			list = append(list, l.document.children(n)...)
		} else {
			list = append(list, n)
		}
	}
	return list
}

func (l *loader) collectAccounts() {
	for _, n := range l.sectionNodes() {
		if len(n.path) == 2 && l.document.isTable(n) {
			l.config.Accounts = append(l.config.Accounts, Account{Name: n.path[1], AuthMethod: AuthNone})
		}
	}
}

// resolveFiles makes the paths in the configuration, which are relative to its folder, absolute.
func (l *loader) resolveFiles() {
	c := l.config
	files := []*string{&c.ExchangeDB.PasswordFile, &c.AuditorDB.PasswordFile, &c.Auditor.ReportKeyFile}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		files = append(files, &a.PasswordFile)
		for _, list := range [][]string{a.HistoryIncoming, a.HistoryOutgoing} {
			for i := range list {
				files = append(files, &list[i])
			}
		}
	}
	for _, file := range files {
		if *file == "" || filepath.IsAbs(*file) {
			continue
		}
		*file = filepath.Join(filepath.Dir(c.File), *file)
		if absolute, err := filepath.Abs(*file); err == nil {
			*file = absolute
		}
	}
}
