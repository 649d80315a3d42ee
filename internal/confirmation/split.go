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

// collect reads the rest of an entry, up to the brace that closes it. What does not
// begin with a brace is read to the end of the line.
func (s *splitter) collect(c byte) (entry []byte, wrong error, err error) {
	object := c == '{'
	depth, quoted, escaped := 0, false, false
	s.entry = s.entry[:0]
	for {
		if len(s.entry) < maxEntry {
			s.entry = append(s.entry, c)
		} else {
			wrong = errTooLong
		}
		switch {
		case !object:
			if c == '\n' {
				return nil, errNoObject, nil
			}
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"', quoted && c == '\n': // no JSON text has a line end in it
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return s.entry, wrong, nil
			}
		}
		if c, err = s.in.ReadByte(); err == io.EOF {
			if !object {
				return nil, errNoObject, nil
			}
			s.ended = true
			return nil, errTruncated, nil
		} else if err != nil {
			return nil, nil, err
		}
	}
}
