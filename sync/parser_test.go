package sync

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/exchange"
)

// narrow is a table with one column per kind of rule.
func narrow() *exchange.Table {
	return &exchange.Table{
		Name: "narrow", Serial: "id",
		Columns: []exchange.Column{
			{Name: "pub", Type: exchange.Bytea, Role: exchange.Key, Length: 4},
			{Name: "id", Type: exchange.BigInt, Role: exchange.Serial},
			{Name: "val", Type: exchange.BigInt, Role: exchange.AmountValue},
			{Name: "frac", Type: exchange.Integer, Role: exchange.AmountFraction},
			{Name: "at", Type: exchange.BigInt, Role: exchange.Time},
			{Name: "name", Type: exchange.Text, Role: exchange.Label},
			{Name: "sig", Type: exchange.Bytea, Role: exchange.Signature, Length: 2, Nullable: true},
			{Name: "done", Type: exchange.Boolean, Role: exchange.Flag},
			{Name: "place", Type: exchange.Integer, Role: exchange.Index},
			{Name: "parent", Type: exchange.BigInt, Role: exchange.Reference},
			{Name: "number", Type: exchange.BigInt},
		},
	}
}

const narrowMax = 64

// narrowRow returns the fields of a well-formed row in the order of its shape.
func narrowRow(serial int64) [][]byte {
	return [][]byte{
		int8bytes(serial), {1, 2, 3, 4}, int8bytes(5), int4bytes(6), int8bytes(7), []byte("grüße"), nil, {1}, int4bytes(0), int8bytes(9), int8bytes(-1),
	}
}

func int8bytes(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
func int4bytes(n int32) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func tuple(fields [][]byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(fields)))
	for _, f := range fields {
		if f == nil {
			b = binary.BigEndian.AppendUint32(b, math.MaxUint32)
			continue
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

func stream(rows ...[][]byte) []byte {
	b := []byte(copyHeader)
	for _, r := range rows {
		b = append(b, tuple(r)...)
	}
	return append(b, copyTrailer...)
}

// parsed is what came out of a parser.
type parsed struct {
	images    []byte
	serials   []int64
	values    [][][]byte
	violation *Violation
	last      int64
}

// parse sends the chunks through a parser, each in memory that is overwritten
// afterwards, as a connection does.
func parse(after, until int64, most int, chunks ...[]byte) parsed {
	var got parsed
	sh := newShape(narrow(), narrowMax)
	p := newParser(sh, after, until, most, func(r Row) {
		got.images = append(got.images, r.Image...)
		got.serials = append(got.serials, r.Serial)
		var values [][]byte
		for i := range r.Columns() {
			values = append(values, slices.Clone(r.Value(i)))
		}
		got.values = append(got.values, values)
	})
	for _, c := range chunks {
		message := slices.Clone(c)
		if n, err := p.Write(message); n != len(message) || err != nil {
			panic(fmt.Sprintf("Write returned %d, %v", n, err))
		}
		for i := range message {
			message[i] = 0xAA
		}
	}
	p.Close()
	got.violation, got.last = p.violation, p.last
	return got
}

func generateRow(t *rapid.T, serial int64) [][]byte {
	bytesOf := func(n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes") }
	sig := bytesOf(2)
	if rapid.Bool().Draw(t, "null") {
		sig = nil
	}
	at := rapid.OneOf(rapid.Int64Min(0), rapid.Just(int64(-1))).Draw(t, "at")
	return [][]byte{
		int8bytes(serial), bytesOf(4),
		int8bytes(rapid.Int64Range(0, 1<<52).Draw(t, "val")), int4bytes(rapid.Int32Range(0, 99_999_999).Draw(t, "frac")), int8bytes(at),
		[]byte(rapid.StringOfN(rapid.RuneFrom([]rune("aé€𝄞\n\x1b")), 0, -1, narrowMax).Draw(t, "name")), sig,
		{rapid.ByteRange(0, 1).Draw(t, "done")}, int4bytes(rapid.Int32Min(0).Draw(t, "place")),
		int8bytes(rapid.Int64Min(1).Draw(t, "parent")), int8bytes(rapid.Int64().Draw(t, "number")),
	}
}

// Every row arrives unchanged, however the server cuts the stream into messages.
func TestParserPassesWellFormedRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows [][][]byte
		var want []byte
		serial := int64(0)
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			serial += rapid.Int64Range(1, 1<<40).Draw(t, "step")
			row := generateRow(t, serial)
			rows = append(rows, row)
			want = append(want, tuple(row)...)
		}
		all := stream(rows...)
		var chunks [][]byte
		for rest := all; len(rest) > 0; {
			n := rapid.IntRange(0, len(rest)).Draw(t, "chunk")
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		got := parse(0, max(serial, 1), len(rows), chunks...)
		if got.violation != nil {
			t.Fatalf("well-formed rows were refused: %v", got.violation)
		}
		if !bytes.Equal(got.images, want) || len(got.serials) != len(rows) || got.last != serial {
			t.Fatalf("rows changed on the way")
		}
		for i, row := range rows {
			for j := range row {
				if !bytes.Equal(got.values[i][j], row[j]) || (got.values[i][j] == nil) != (row[j] == nil) {
					t.Fatalf("row %d, value %d: got %x, want %x", i, j, got.values[i][j], row[j])
				}
			}
		}
	})
}

func TestParserRefusesMalformedRows(t *testing.T) {
	with := func(field int, value []byte) [][]byte {
		row := narrowRow(3)
		row[field] = value
		return row
	}
	tests := []struct {
		name   string
		row    [][]byte
		column string
		rule   Rule
		serial int64
	}{
		{"key too short", with(1, []byte{1, 2, 3}), "pub", RuleLength, 3},
		{"key too long", with(1, []byte{1, 2, 3, 4, 5}), "pub", RuleLength, 3},
		{"key missing", with(1, nil), "pub", RuleNotNull, 3},
		{"nullable of a wrong length", with(6, []byte{1}), "sig", RuleLength, 3},
		{"bigint of four bytes", with(2, int4bytes(1)), "val", RuleLength, 3},
		{"integer of eight bytes", with(3, int8bytes(1)), "frac", RuleLength, 3},
		{"empty bigint", with(4, []byte{}), "at", RuleLength, 3},
		{"negative amount", with(2, int8bytes(-1)), "val", RuleAmount, 3},
		{"amount above 2^52", with(2, int8bytes(1<<52+1)), "val", RuleAmount, 3},
		{"negative fraction", with(3, int4bytes(-1)), "frac", RuleAmount, 3},
		{"fraction of a whole unit", with(3, int4bytes(100_000_000)), "frac", RuleAmount, 3},
		{"time before 1970", with(4, int8bytes(-2)), "at", RuleTime, 3},
		{"text that is not UTF-8", with(5, []byte{'a', 0xff}), "name", RuleText, 3},
		{"text with a zero byte", with(5, []byte("a\x00b")), "name", RuleText, 3},
		{"text too long", with(5, bytes.Repeat([]byte("a"), narrowMax+1)), "name", RuleSize, 3},
		{"flag of two", with(7, []byte{2}), "done", RuleFlag, 3},
		{"negative index", with(8, int4bytes(-1)), "place", RuleNumber, 3},
		{"reference to zero", with(9, int8bytes(0)), "parent", RuleNumber, 3},
		{"serial again", with(0, int8bytes(2)), "id", RuleUnique, 2},
		{"serial below", with(0, int8bytes(1)), "id", RuleOrder, 1},
		{"serial beyond the range", with(0, int8bytes(101)), "id", RuleOrder, 101},
		{"serial missing", with(0, nil), "id", RuleNotNull, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(0, 100, 10, stream(narrowRow(2), test.row, narrowRow(4)))
			if !slices.Equal(got.serials, []int64{2}) {
				t.Errorf("rows %v went through, want only the one before", got.serials)
			}
			v := got.violation
			if v == nil {
				t.Fatal("the row was accepted")
			}
			if v.Table != "narrow" || v.Serial != test.serial || v.After != 2 || v.Column != test.column || v.Rule != test.rule {
				t.Errorf("got %s, serial %d after %d, column %s, rule %s", v.Table, v.Serial, v.After, v.Column, v.Rule)
			}
			if v.Constraint == "" || v.Have == "" || v.Want == "" || v.Hint == "" {
				t.Errorf("the violation does not explain itself: %+v", v)
			}
		})
	}
}

func TestParserRefusesSerialZeroInAnEmptyTable(t *testing.T) {
	got := parse(math.MinInt64, 100, 10, stream(narrowRow(0)))
	if got.violation == nil || got.violation.Rule != RuleNumber || got.violation.Column != "id" {
		t.Errorf("got %+v", got.violation)
	}
}

func TestParserRefusesLies(t *testing.T) {
	good := stream(narrowRow(1), narrowRow(2))
	withHeader := func(at int, b byte) []byte {
		s := slices.Clone(good)
		s[at] = b
		return s
	}
	short := narrowRow(2)[:10]
	long := append(narrowRow(2), []byte{0})
	tests := []struct {
		name   string
		stream []byte
		rows   int // that go through
		have   string
	}{
		{"nothing", nil, 0, "the end after 0 rows and 0 bytes"},
		{"another signature", withHeader(0, 'X'), 0, "58"},
		{"flags", withHeader(14, 1), 0, ""},
		{"object numbers", withHeader(13, 1), 0, ""},
		{"header extension", withHeader(18, 4), 0, ""},
		{"field too few", stream(narrowRow(1), short), 1, "10 fields"},
		{"field too many", stream(narrowRow(1), long), 1, "12 fields"},
		{"no fields", slices.Concat([]byte(copyHeader), []byte{0, 0}), 0, "0 fields"},
		{"number of fields negative", slices.Concat([]byte(copyHeader), []byte{0xff, 0xfe}), 0, "-2 fields"},
		{"length of -2", slices.Concat([]byte(copyHeader), []byte{0, 11, 0xff, 0xff, 0xff, 0xfe}), 0, "-2"},
		{"no trailer", good[:len(good)-2], 2, "the end after 2 rows and 0 bytes"},
		{"half a trailer", good[:len(good)-1], 2, "the end after 2 rows and 1 bytes"},
		{"cut in a row", good[:len(good)-12], 1, "the end after 1 rows"},
		{"bytes after the trailer", append(slices.Clone(good), 0), 2, "bytes after it"},
		{"second trailer", append(slices.Clone(good), copyTrailer...), 2, "bytes after it"},
		{"more rows than asked for", stream(narrowRow(1), narrowRow(2), narrowRow(3), narrowRow(4)), 3, "more than 3 rows"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, chunks := range [][][]byte{{test.stream}, slices.Collect(slices.Chunk(test.stream, 1))} {
				got := parse(0, 100, 3, chunks...)
				if len(got.serials) != test.rows {
					t.Errorf("%d rows went through, want %d", len(got.serials), test.rows)
				}
				v := got.violation
				if v == nil || v.Rule != RuleStream {
					t.Fatalf("got %+v, want a violation of rule %q", v, RuleStream)
				}
				if !strings.HasPrefix(v.Have, test.have) {
					t.Errorf("have %q, want %q", v.Have, test.have)
				}
			}
		})
	}
}

// A value is refused by its announced length: no memory is set aside for it, and
// what follows is thrown away.
func TestParserHoldsNothingOfAnOversizeValue(t *testing.T) {
	sh := newShape(narrow(), narrowMax)
	p := newParser(sh, 0, 10, 5, func(Row) { t.Error("a row went through") })
	row := narrowRow(1)
	head := slices.Concat([]byte(copyHeader), tuple(row[:5]))
	binary.BigEndian.PutUint16(head[len(copyHeader):], uint16(len(row)))
	head = binary.BigEndian.AppendUint32(head, 1<<30)
	for _, b := range head {
		_, _ = p.Write([]byte{b})
	}
	if p.violation == nil || p.violation.Rule != RuleSize || p.violation.Serial != 1 || p.violation.Column != "name" {
		t.Fatalf("got %+v", p.violation)
	}
	junk := make([]byte, 1<<20)
	for range 64 {
		_, _ = p.Write(junk)
	}
	if cap(p.pending) != 0 {
		t.Errorf("%d bytes are held", cap(p.pending))
	}
}

// S11: however slowly a row arrives, no more than the row is held.
func TestParserHoldsOneRow(t *testing.T) {
	sh := newShape(narrow(), narrowMax)
	p := newParser(sh, 0, math.MaxInt64, math.MaxInt, func(Row) {})
	_, _ = p.Write([]byte(copyHeader))
	one := tuple(narrowRow(1))
	for i := range 10_000 {
		for part := range slices.Chunk(tuple(narrowRow(int64(i+1))), 7) {
			_, _ = p.Write(part)
		}
	}
	if p.violation != nil || p.rows != 10_000 {
		t.Fatalf("%d rows, %v", p.rows, p.violation)
	}
	if cap(p.pending) > 4*len(one) {
		t.Errorf("%d bytes are held for rows of %d", cap(p.pending), len(one))
	}
}

// Whatever bytes arrive, the parser neither panics nor lets a row through that is
// not well formed, and the cut into messages does not matter.
func FuzzParser(f *testing.F) {
	f.Add(stream(narrowRow(1), narrowRow(2)), 5)
	f.Add(stream(narrowRow(2), narrowRow(1)), 1)
	f.Add([]byte(copyHeader), 3)
	f.Add(stream(), 100)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		whole := parse(0, 1<<40, 8, data)
		var chunks [][]byte
		if len(data) > 0 {
			chunks = slices.Collect(slices.Chunk(data, 1+(cut&0xff)))
		}
		if pieces := parse(0, 1<<40, 8, chunks...); !bytes.Equal(whole.images, pieces.images) || (whole.violation == nil) != (pieces.violation == nil) {
			t.Fatalf("the cut into messages matters: %v, %v", whole.violation, pieces.violation)
		}
		last := int64(0)
		for i, row := range whole.values {
			if whole.serials[i] <= last {
				t.Fatalf("serial %d after %d", whole.serials[i], last)
			}
			last = whole.serials[i]
			if val := int64(binary.BigEndian.Uint64(row[2])); val < 0 || val > 1<<52 {
				t.Fatalf("amount %d went through", val)
			}
			if len(row[1]) != 4 || len(row[5]) > narrowMax {
				t.Fatalf("lengths %d and %d went through", len(row[1]), len(row[5]))
			}
		}
		if whole.violation == nil && !bytes.Equal(data, slices.Concat([]byte(copyHeader), whole.images, []byte(copyTrailer))) {
			t.Fatalf("a stream was accepted that is not the sum of its rows")
		}
	})
}
