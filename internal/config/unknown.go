package config

import (
	"slices"
	"strings"

	"auditor/internal/nearest"
)

// What stands in the file but is not known. The TOML library compares keys without regard to letter case;
// here only the exact spelling is known.

func (l *loader) unknownKey(n node, s section, sections []section) {
	name := n.path[len(n.path)-1]
	switch strings.ToLower(name) {
	case "password", "passwd", "pass", "token", "secret":
		l.addAt(n, "password_file", "a password must not stand in this file; write it to a file of its own, "+
			"chmod 600, and name that with password_file")
		return
	case "schema":
		if s.need == NeedAuditorDB {
			l.addAt(n, "", "the tables of the auditor are always in schema %q, remove the line", AuditorSchema)
			return
		}
	}
	names := s.keyNames()
	guess := nearest.Of(name, names)
	if home := sectionOf(name, sections); home != "" && !strings.EqualFold(guess, name) {
		l.addAt(n, name, "unknown key, %s belongs in section [%s]", name, home)
	} else if guess != "" {
		l.addAt(n, guess, "unknown key, did you mean %q?", guess)
	} else {
		l.addAt(n, "", "unknown key, section [%s] knows %s", s.name(), strings.Join(names, ", "))
	}
}

// unknownSection reports a table, or a key in front of all sections.
func (l *loader) unknownSection(n node, sections []section) {
	name := n.path[0]
	if len(n.path) == 2 {
		l.addAt(n, "", "expected a section [%s], found %s; write [account.NAME] above the keys of an account",
			n.path, typeName(l.document.value(n)))
		return
	}
	if !l.document.isTable(n) {
		if home := sectionOf(name, sections); home != "" {
			l.addAt(n, name, "the key stands in front of all sections, write it below [%s]", home)
			return
		}
	}
	known := []string{"exchange", "exchangedb", "auditordb", "auditor", accountsTable + ".NAME"}
	guess := nearest.Of(name, known[:4])
	switch {
	case strings.HasPrefix(strings.ToLower(name), "exchange-account-"):
		guess = accountsTable + "." + name
	case strings.EqualFold(name, accountsTable), strings.EqualFold(name, accountsTable+"s"):
		guess = accountsTable + ".NAME"
	}
	if guess != "" {
		l.addAt(n, guess, "unknown section, did you mean [%s]?", guess)
	} else {
		l.addAt(n, "", "unknown section, there are [%s]", strings.Join(known, "], ["))
	}
}

// sectionOf returns the name of the section to which a key belongs, if it is exactly one.
func sectionOf(key string, sections []section) string {
	home := ""
	for _, s := range sections {
		if slices.Contains(s.keyNames(), key) {
			if home != "" {
				return ""
			}
			home = s.name()
		}
	}
	return home
}
