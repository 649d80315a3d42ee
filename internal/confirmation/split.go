package confirmation

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxEntry is how many bytes one entry may have; honest ones have about 1,000.
const maxEntry = 1 << 16

// splitter cuts a file into its entries: JSON objects in an array, or one after the
// other. It looks at braces and quotes only, so that an entry that is broken inside
// does not take the next one with it.
type splitter struct {
	in      *bufio.Reader
	begun   bool
	array   bool
	ended   bool // the array is closed
	entries int
	entry   []byte
}

// Structural mistakes, which concern what is between entries.
var (
	errNoObject  = errors.New("is no JSON object")
	errBroken    = errors.New("is no JSON: quotes or braces are missing")
	errTooLong   = fmt.Errorf("has more than %d bytes", maxEntry)
	errTruncated = errors.New("ends in the middle: the file is incomplete")
	errBehind    = errors.New("stands behind the end of the array")
)

// next returns the next entry, which is valid until the following call, or what is
// wrong with it; then the one behind it can still be had. At the end of the file
// done is true. err is a failure to read.
func (s *splitter) next() (entry []byte, wrong error, done bool, err error) {
	for {
		c, err := s.in.ReadByte()
		if err == io.EOF {
			if s.array && !s.ended {
				s.ended = true
				s.entries++
				return nil, errTruncated, false, nil
			}
			return nil, nil, true, nil
		}
		if err != nil {
			return nil, nil, false, err
		}
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			continue
		case c == '[' && !s.begun:
			s.begun, s.array = true, true
			continue
		case c == ']' && s.array && !s.ended:
			s.ended = true
			continue
		case c == ',' && s.array && !s.ended:
			continue
		}
		s.begun = true
		s.entries++
		entry, wrong, err := s.collect(c)
		if wrong == nil && s.ended {
			wrong = errBehind
		}
		return entry, wrong, false, err
	}
}

// collect reads the rest of an entry, up to the brace that closes it.
func (s *splitter) collect(c byte) (entry []byte, wrong error, err error) {
	if c != '{' {
		return nil, errNoObject, s.skip(false)
	}
	depth, quoted, escaped, last := 0, false, false, byte(':')
	s.entry = s.entry[:0]
	for {
		if len(s.entry) < maxEntry {
			s.entry = append(s.entry, c)
		} else {
			wrong = errTooLong
		}
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\n': // which no JSON text has
			return nil, errBroken, s.skip(true)
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' && last != ':': // where only the next entry can begin
			return nil, errBroken, s.in.UnreadByte()
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return s.entry, wrong, nil
			}
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			last = c
		}
		if c, err = s.in.ReadByte(); err == io.EOF {
			s.ended = true
			return nil, errTruncated, nil
		} else if err != nil {
			return nil, nil, err
		}
	}
}

// skip leaves out everything up to a line that begins with a brace or the end of the
// array. At the start of a line, begun is true.
func (s *splitter) skip(begun bool) error {
	for {
		c, err := s.in.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case c == '\n':
			begun = true
		case begun && (c == '{' || c == ']'):
			return s.in.UnreadByte()
		case c != ' ' && c != '\t' && c != '\r':
			begun = false
		}
	}
}
