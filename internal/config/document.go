package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// document is a TOML file whose values know their places in the source.
//
// The TOML library tells the place of a value only in errors. So each value is kept undecoded, and whoever
// wants to know its place decodes it into something that refuses everything.
type document struct {
	source string
	meta   toml.MetaData
	root   map[string]toml.Primitive
}

// node is a value or a table of a document.
type node struct {
	path      toml.Key // never empty
	primitive toml.Primitive
}

// byteOrderMark may begin a text file. The library would not count it.
const byteOrderMark = "\xef\xbb\xbf"

// parseDocument checks the syntax; the error is a toml.ParseError.
func parseDocument(source string) (*document, error) {
	d := &document{source: strings.TrimPrefix(source, byteOrderMark)}
	var err error
	d.meta, err = toml.Decode(d.source, &d.root)
	return d, err
}

func (d *document) top() []node { return nodes(nil, d.root) }

// children returns what a table holds, sorted by key; nothing for other values.
func (d *document) children(n node) []node {
	var table map[string]toml.Primitive
	if err := d.meta.PrimitiveDecode(n.primitive, &table); err != nil {
		return nil
	}
	return nodes(n.path, table)
}

func nodes(path toml.Key, table map[string]toml.Primitive) []node {
	var list []node
	for _, name := range slices.Sorted(maps.Keys(table)) {
		list = append(list, node{append(slices.Clip(path), name), table[name]})
	}
	return list
}

// value returns a string, int64, float64, bool, time.Time, []any, map[string]any or []map[string]any.
func (d *document) value(n node) any {
	var v any
	if err := d.meta.PrimitiveDecode(n.primitive, &v); err != nil {
		return nil
	}
	return v
}

func (d *document) isTable(n node) bool {
	_, ok := d.value(n).(map[string]any)
	return ok
}

// position returns the place of the key or section header that defines n, both counted from 1. It costs a
// pass over the source. A table that only exists because of keys below it is where the first of them is.
func (d *document) position(n node) (line, column int) {
	at, found := d.offset(n)
	if !found {
		for _, child := range d.children(n) {
			l, c := d.position(child)
			if line == 0 || l < line || l == line && c < column {
				line, column = l, c
			}
		}
		return line, column
	}
	if !d.isInline(n) {
		begin := strings.LastIndexByte(d.source[:at], '\n') + 1
		at = begin + span(d.source[begin:], func(c byte) bool { return c == ' ' || c == '\t' })
	}
	return d.place(at)
}

// place turns an offset in bytes into line and column.
func (d *document) place(at int) (line, column int) {
	before := d.source[:min(max(at, 0), len(d.source))]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// offset asks the library for the offset of n in bytes: behind the opening quote, bracket or brace of a key's
// value, of the key itself in an inline table, of the opening bracket of a header. The library's line is not
// used: it is that of a value's end.
func (d *document) offset(n node) (at int, found bool) {
	var located toml.ParseError
	if err := d.meta.PrimitiveDecode(n.primitive, &refusal{}); !errors.As(err, &located) || located.Position.Line == 0 {
		return 0, false
	}
	return located.Position.Start, true
}

// isInline reports whether n stands within the braces of an inline table.
func (d *document) isInline(n node) bool {
	list := d.top()
	for i := range len(n.path) - 1 {
		parent := list[slices.IndexFunc(list, func(m node) bool { return m.path[i] == n.path[i] })]
		if at, found := d.offset(parent); found && strings.HasSuffix(d.source[:at], "{") {
			return true
		}
		list = d.children(parent)
	}
	return false
}

// refusal is a value that cannot be decoded.
type refusal struct{}

// UnmarshalTOML always returns an error, which the library wraps with the place of the value.
func (*refusal) UnmarshalTOML(any) error { return errors.New("refused") }
