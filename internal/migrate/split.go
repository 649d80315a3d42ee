package migrate

import "strings"

// A statement of a script: its text from the first token to the semicolon, and the
// line on which it begins, counted from 1.
type statement struct {
	text string
	line int
}

// split divides a script into its statements, leaving out the comments and blank
// space between them. It knows comments, quoted identifiers, strings and
// dollar-quoted strings. It does not know function bodies in SQL without quotes
// (begin atomic), which our scripts do without. What follows an unfinished quote or
// comment belongs to the statement, and is for the server to refuse.
func split(script string) []statement {
	var statements []statement
	start := -1 // of the statement, once its first token was seen
	finish := func(end int) {
		if start >= 0 {
			statements = append(statements, statement{script[start:end], 1 + strings.Count(script[:start], "\n")})
		}
		start = -1
	}
	for i := 0; i < len(script); {
		n, kind := token(script, i)
		switch kind {
		case semicolon:
			finish(i + n)
		case code:
			if start < 0 {
				start = i
			}
		}
		i += n
	}
	finish(len(script))
	return statements
}

type tokenKind uint8

const (
	code tokenKind = iota
	blank
	semicolon
)

// token returns the length in bytes, at least 1, and the kind of what begins at
// script[i].
func token(script string, i int) (int, tokenKind) {
	rest := script[i:]
	switch c := rest[0]; {
	case c == ';':
		return 1, semicolon
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		return 1, blank
	case strings.HasPrefix(rest, "--"):
		return until(rest, 2, "\n"), blank
	case strings.HasPrefix(rest, "/*"):
		return blockComment(rest), blank
	case c == '"':
		return until(rest, 1, `"`), code
	case c == '\'':
		return quoted(rest, false), code
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		return 1 + quoted(rest[1:], true), code
	case isWord(c) && c != '$':
		n := 1
		for n < len(rest) && isWord(rest[n]) {
			n++
		}
		return n, code
	case c == '$':
		if tag := dollarTag(rest); tag != "" {
			return until(rest, len(tag), tag), code
		}
	}
	return 1, code
}

// until returns the length up to and including the end mark, or all of s without
// one. A doubled quote is two quoted parts next to each other, which is the same.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

func quoted(s string, backslash bool) int {
	for i := 1; i < len(s); i++ {
		if backslash && s[i] == '\\' {
			i++
		} else if s[i] == '\'' {
			return i + 1
		}
	}
	return len(s)
}

// blockComment returns the length of a comment, in which comments may nest.
func blockComment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); {
		switch s[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(s)
}

// dollarTag returns the opening mark of a dollar-quoted string, such as $$ or
// $body$, or "" if s begins with none, as $1 does.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '$':
			return s[:i+1]
		case !isWord(c), i == 1 && '0' <= c && c <= '9':
			return ""
		}
	}
	return ""
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
