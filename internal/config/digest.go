package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest returns the SHA-256, in hexadecimal, over all settings in force, defaults included, so that a report
// can say which configuration it was made with. Comments, spelling and order of the file do not matter, nor
// do passwords and where they come from.
func (c *Config) Digest() string {
	h := sha256.New()
	for _, s := range c.sections() {
		fmt.Fprintf(h, "[%s]\n", s.name())
		for _, k := range s.keys {
			if !k.private {
				fmt.Fprintf(h, "%s=%q\n", k.name, k.value.show())
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// withoutPassword takes the passwords out of a connection string of libpq. One that is neither a URL nor a
// well-formed list of keywords is cut off where it ceases to be one.
func withoutPassword(connection string) string {
	for _, scheme := range []string{"postgres://", "postgresql://"} {
		if rest, ok := strings.CutPrefix(connection, scheme); ok {
			return scheme + urlWithoutPassword(rest)
		}
	}
	var kept []string
	for rest := strings.TrimLeft(connection, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			break
		}
		after = strings.TrimLeft(after, blanks)
		length := valueLength(after)
		if name = strings.Trim(name, blanks); !isPassword(name) {
			kept = append(kept, name+"="+after[:length])
		}
		rest = after[length:]
	}
	return strings.Join(kept, " ")
}

const blanks = " \t\n\r\v\f"

// urlWithoutPassword takes [user[:password]@]hosts[/database][?parameters].
func urlWithoutPassword(rest string) string {
	address, parameters, hasParameters := strings.Cut(rest, "?")
	authority, path, hasPath := strings.Cut(address, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, _, _ := strings.Cut(authority[:at], ":")
		authority = user + authority[at:]
	}
	if hasPath {
		authority += "/" + path
	}
	if !hasParameters {
		return authority
	}
	var kept []string
	for parameter := range strings.SplitSeq(parameters, "&") {
		if name, _, _ := strings.Cut(parameter, "="); !isPassword(name) {
			kept = append(kept, parameter)
		}
	}
	return authority + "?" + strings.Join(kept, "&")
}

func isPassword(name string) bool { return name == "password" || name == "sslpassword" }

// valueLength returns the length of the keyword's value with which s begins: up to a blank or, in quotes, up
// to the closing one. A backslash escapes.
func valueLength(s string) int {
	quoted := strings.HasPrefix(s, "'")
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quoted && i > 0 && c == '\'':
			return i + 1
		case !quoted && strings.IndexByte(blanks, c) >= 0:
			return i
		}
	}
	return len(s)
}
