package taler

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A JSON reader as strict as the exchange's (jansson): no duplicate names at any
// depth, no zero characters, no halves of surrogate pairs, no invalid UTF-8, no
// numbers out of range, nothing after the value. encoding/json alone lets these
// pass or replaces them by other characters, and what it makes of them would be
// hashed.

// maxJSONDepth is the exchange's limit on nesting.
const maxJSONDepth = 2048

// stringMembers returns those members of a JSON object that are strings.
func stringMembers(text string) (map[string]string, error) {
	if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
		return nil, errors.New("not valid JSON in UTF-8")
	}
	if err := checkEscapes(text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if open, _ := d.Token(); open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	members := make(map[string]string)
	err := readObject(d, 1, func(name string, value json.Token) {
		if s, ok := value.(string); ok {
			members[name] = s
		}
	})
	return members, err
}

// readObject reads the rest of an object of which the brace was read. member is
// called with the first token of every value.
func readObject(d *json.Decoder, depth int, member func(name string, value json.Token)) error {
	seen := make(map[string]bool)
	for d.More() {
		token, _ := d.Token()
		name, _ := token.(string)
		if seen[name] {
			return fmt.Errorf("JSON member %.40q occurs twice", name)
		}
		seen[name] = true
		value, err := readValue(d, depth)
		if err != nil {
			return err
		}
		member(name, value)
	}
	_, err := d.Token()
	return err
}

// readValue reads a complete value and returns its first token.
func readValue(d *json.Decoder, depth int) (json.Token, error) {
	if depth >= maxJSONDepth {
		return nil, fmt.Errorf("JSON nested more than %d deep", maxJSONDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Number:
		return token, checkNumber(t)
	case json.Delim:
		if t == '{' {
			return token, readObject(d, depth+1, func(string, json.Token) {})
		}
		for d.More() {
			if _, err := readValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
	}
	return token, err
}

// checkNumber refuses integers beyond 64 bits and reals beyond a double.
func checkNumber(n json.Number) error {
	var err error
	if strings.ContainsAny(string(n), ".eE") {
		_, err = n.Float64()
	} else {
		_, err = n.Int64()
	}
	if err != nil {
		return fmt.Errorf("JSON number %.40s is out of range", n)
	}
	return nil
}

// checkEscapes refuses \u0000 and halves of surrogate pairs in valid JSON.
func checkEscapes(text string) error {
	high := false // the last thing was the first half of a pair
	for i := 0; i < len(text); {
		var code uint64
		size := 1
		if text[i] == '\\' {
			size = 2
			if text[i+1] == 'u' {
				size = 6
				var err error
				if code, err = strconv.ParseUint(text[i+2:i+6], 16, 16); err != nil || code == 0 {
					return errors.New("JSON string holds a zero character")
				}
			}
		}
		low := code >= 0xdc00 && code < 0xe000
		if low != high {
			return errors.New("JSON string holds half of a surrogate pair")
		}
		high = code >= 0xd800 && code < 0xdc00
		i += size
	}
	return nil
}
