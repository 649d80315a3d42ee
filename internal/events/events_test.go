package events

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

var latest = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// kept is a receiver that keeps everything.
type kept struct {
	events  []Event
	details []Detail
	refused []string
}

func (k *kept) Event(e Event) error   { k.events = append(k.events, e); return nil }
func (k *kept) Detail(d Detail) error { k.details = append(k.details, d); return nil }
func (k *kept) Refuse(e *RecordError) error {
	k.refused = append(k.refused, e.Error())
	return nil
}

func read(t interface{ Fatal(...any) }, file []byte) (Form, *kept) {
	k := &kept{}
	form, err := Read(iotest.HalfReader(bytes.NewReader(file)), latest, k)
	if err != nil {
		t.Fatal(err)
	}
	return form, k
}

func anyEvent() *rapid.Generator[Event] {
	return rapid.Custom(func(t *rapid.T) Event {
		var ip [16]byte
		copy(ip[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ip"))
		if rapid.Bool().Draw(t, "v4") {
			copy(ip[:], "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff")
		}
		return Event{
			ID: rapid.Uint32().Draw(t, "id"), Time: time.Unix(rapid.Int64Range(Earliest.Unix(), latest.Unix()).Draw(t, "time"), 0).UTC(),
			IP: netip.AddrFrom16(ip).Unmap(), User: UserID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "user")),
			Service: Service(rapid.Uint16().Draw(t, "service")), Amount: rapid.Uint32().Draw(t, "amount"),
			Nanoseconds: rapid.Uint16().Draw(t, "ns"), Status: rapid.Uint16().Draw(t, "status"),
		}
	})
}

func sequence(t interface{ Fatal(...any) }, list []Event) []byte {
	var b []byte
	for i := range list {
		var err error
		if b, err = list[i].AppendBinary(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// forms writes events in every form.
func forms(t interface{ Fatal(...any) }, challenge [16]byte, list []Event) map[Form][]byte {
	var answer, text, csv bytes.Buffer
	if err := errors.Join(WriteAnswer(&answer, challenge, list), WriteText(&text, list), WriteCSV(&csv, list)); err != nil {
		t.Fatal(err)
	}
	return map[Form][]byte{Events: sequence(t, list), Answer: answer.Bytes(), Text: text.Bytes(), CSV: csv.Bytes()}
}

// TestRoundTrip writes events in every form, which is recognised, and reads them back.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(anyEvent(), 1, 50).Draw(t, "events")
		challenge := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "challenge"))
		for form, file := range forms(t, challenge, list) {
			got, k := read(t, file)
			if got != form || !reflect.DeepEqual(k.events, list) || k.refused != nil || k.details != nil {
				t.Fatalf("%s was read as %s: %v, refused %v, want %v", form, got, k.events, k.refused, list)
			}
		}
	})
}

// TestLargeFiles has files of which the head does not tell the length.
func TestLargeFiles(t *testing.T) {
	var list []Event
	for i := range 5000 {
		e := example
		e.ID, e.Time = uint32(i), e.Time.Add(time.Duration(i)*time.Minute)
		list = append(list, e)
	}
	for form, file := range forms(t, [16]byte{1, 2, 3}, list) {
		if got, k := read(t, file); got != form || !reflect.DeepEqual(k.events, list) || k.refused != nil {
			t.Errorf("%s was read as %s: %d events, %d refused", form, got, len(k.events), len(k.refused))
		}
	}
	if err := WriteAnswer(io.Discard, [16]byte{}, make([]Event, 65536)); err == nil {
		t.Error("an answer holds more rows than its number can say")
	}
}

func TestRoundTripOfDetails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Detail
		var file []byte
		for range rapid.IntRange(1, 20).Draw(t, "details") {
			d := Detail{Event: rapid.Uint32().Draw(t, "event"), Packed: rapid.Bool().Draw(t, "packed")}
			if d.Packed {
				d.Text = strings.TrimRight(rapid.StringMatching(`[0-9A-HJ-NP-TVWYZ]{0,401}`).Draw(t, "text"), "0")
			} else {
				d.Text = rapid.StringMatching(`[ -~äß€]{0,83}`).Draw(t, "text")
			}
			var err error
			if file, err = d.AppendBinary(file); err != nil {
				t.Fatal(err)
			}
			list = append(list, d)
		}
		form, k := read(t, file)
		if form != Details || !reflect.DeepEqual(k.details, list) || k.refused != nil {
			t.Fatalf("%s: %v, refused %v, want %v", form, k.details, k.refused, list)
		}
	})
}

// TestPacking holds packed bytes against the numbers of the alphabet, bit by bit.
func TestPacking(t *testing.T) {
	for text, want := range map[string]string{"Z": "f8", "1": "08", "ZZ": "ffc0", "A1Z": "507e", "OI1": "0042", "ABCDEFGH": "52d8d73e11"} {
		record, err := (&Detail{Event: 7, Text: text, Packed: true}).AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(record[:5+len(want)/2]); got != "0000000701"+want {
			t.Errorf("%s is packed as %s, want %s", text, got[10:], want)
		}
		if !bytes.Equal(record[5+len(want)/2:], make([]byte, detailSize-5-len(want)/2)) {
			t.Errorf("%s is not padded with zeros", text)
		}
	}
	for _, d := range []Detail{{Text: "10", Packed: true}, {Text: "O", Packed: true}, {Text: "A B", Packed: true}, {Text: "U", Packed: true},
		{Text: strings.Repeat("Z", 402), Packed: true}, {Text: strings.Repeat("z", 252)}, {Text: "a\x00b"}, {Text: "\xff"}} {
		if _, err := d.AppendBinary(nil); err == nil {
			t.Errorf("%+v has a record", d)
		}
	}
}

// example is the event of the design.
var example = Event{ID: 1, Time: time.Date(2024, 6, 18, 9, 4, 25, 0, time.UTC), IP: netip.MustParseAddr("189.23.98.223"),
	User: UserID{0xe0, 0x04, 0xaf, 0x90, 0x7a, 0x34, 0x45, 0x4d, 0xaf, 0x17, 0x6a, 0xec, 0x64, 0x58, 0x4f, 0xe7}, Service: 8, Amount: 10, Nanoseconds: 5773, Status: 241}

const exampleLine = "1 | 6/18/2024, 9:04:25 AM | 189.23.98.223 | e004af90-7a34-454d-af17-6aec64584fe7 | 8 | 10 | 5773 | 241\n"

func TestExample(t *testing.T) {
	files := forms(t, [16]byte{}, []Event{example})
	for form, want := range map[Form]string{
		Text: exampleLine,
		CSV:  csvHeader + "\n1,2024-06-18T09:04:25Z,189.23.98.223,e004af90-7a34-454d-af17-6aec64584fe7,8,10,5773,241\n",
		Events: unhex("00000001 66714d99 00000000000000000000ffffbd1762df e004af907a34454daf176aec64584fe7 0008 0000000a 168d 00f1" +
			strings.Repeat("00", 14)),
		Answer: unhex(strings.Repeat("00", 16)+"0001") + string(sequence(t, []Event{example})) + ">>",
	} {
		if got := string(files[form]); got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
	if example.Service.String() != "8" || Service(130).String() != "create coins" {
		t.Error("services have other names")
	}
}

func unhex(text string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestBroken has one thing wrong per file. The rest goes in.
func TestBroken(t *testing.T) {
	second := example
	second.ID = 2
	pair := []Event{example, second}
	old, future := second, second
	old.Time, future.Time = time.Unix(900000000, 0), latest.Add(time.Second)
	files := forms(t, [16]byte{}, pair)
	answer := string(files[Answer])
	detail, err := (&Detail{Event: 1, Text: "text"}).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(b []byte, at int, to byte) string {
		b = bytes.Clone(b)
		b[at] = to
		return string(b)
	}
	for name, c := range map[string]struct {
		file   string
		events int
		want   string
	}{
		"sequence cut off":      {string(files[Events][:100]), 1, "byte 64: the file ends after 36 of the 64 bytes of a record"},
		"too old":               {string(sequence(t, []Event{example, old})), 1, "byte 64: event 2 happened at 1998-07-09T16:00:00Z, before there were such networks"},
		"in the future":         {string(sequence(t, []Event{future, example})), 1, "byte 0: event 2 happened at 2030-01-01T00:00:01Z, which is in the future"},
		"reserved bytes":        {changed(files[Events], 60, 9), 2, ""},
		"answer cut off":        {answer[:82], 1, "byte 82: the file ends after 1 of 2 rows"},
		"answer cut in a row":   {answer[:100], 1, "byte 82: the file ends after 1 of 2 rows"},
		"answer without end":    {answer[:146], 2, "byte 146: after 2 rows, as many as the answer announces, there is not its end, 3e3e: the file is cut off, or more than one answer"},
		"answer with half end":  {answer[:147], 2, "byte 146: after 2 rows, as many as the answer announces, there is not its end, 3e3e: the file is cut off, or more than one answer"},
		"answer with more":      {answer + ">", 2, "byte 146: after 2 rows, as many as the answer announces, there is not its end, 3e3e: the file is cut off, or more than one answer"},
		"answer with fewer":     {changed([]byte(answer), 17, 1), 1, "byte 82: after 1 rows, as many as the answer announces, there is not its end, 3e3e: the file is cut off, or more than one answer"},
		"answer announces more": {changed([]byte(answer), 17, 3), 2, "byte 146: the file ends after 2 of 3 rows"},
		"empty answer":          {strings.Repeat("\x07", 16) + "\x00\x00>>", 0, ""},
		"fields":                {exampleLine + "1 | 2\n\n", 1, "line 2: the line has 2 fields, not 8"},
		"number":                {strings.Replace(exampleLine, "5773", "65536", 1), 0, `line 1: execution time: "65536" is no number from 0 to 65535`},
		"time":                  {strings.Replace(exampleLine, "6/18", "18/6", 1), 0, `line 1: time: "18/6/2024, 9:04:25 AM" is not like 6/18/2024, 9:04:25 AM`},
		"address":               {strings.Replace(exampleLine, "189.23.98.223", "fe80::1%eth0", 1), 0, `line 1: ip: "fe80::1%eth0" is no IP address`},
		"user":                  {strings.Replace(exampleLine, "e004", "g004", 1), 0, `line 1: user id: it is no UUID like e004af90-7a34-454d-af17-6aec64584fe7`},
		"fractions":             {csvHeader + "\n1,2024-06-18T09:04:25.5Z,::1,e004af90-7a34-454d-af17-6aec64584fe7,8,10,5773,241", 0, `line 2: time: "2024-06-18T09:04:25.5Z" has fractions of a second`},
		"year in lines":         {strings.Replace(exampleLine, "2024", "1924", 1), 0, "line 1: event 1 happened at 1924-06-18T09:04:25Z, before there were such networks"},
		"long line":             {exampleLine + strings.Repeat("x", 3*headSize) + "\n" + exampleLine, 2, "line 2: the line is longer than 65536 bytes"},
		"narrow space":          {strings.Replace(exampleLine, " AM", "\u202fAM", 1), 1, ""},
		"other zone":            {csvHeader + "\r\n1,2024-06-18T11:04:25+02:00,::ffff:189.23.98.223,E004AF90-7A34-454D-AF17-6AEC64584FE7,8,10,5773,241\r\n", 1, ""},
		"detail":                {changed(detail, 200, 'x') + string(detail), 0, "byte 0: detail of event 1: a zero lies within the text"},
		"detail cut off":        {string(detail) + "\x00\x00\x00", 0, "byte 256: the file ends after 3 of the 256 bytes of a record"},
	} {
		t.Run(name, func(t *testing.T) {
			form, k := read(t, []byte(c.file))
			if got := strings.Join(k.refused, "; "); got != c.want || len(k.events) != c.events {
				t.Errorf("%s: %d events, refused %q, want %d and %q", form, len(k.events), got, c.events, c.want)
			}
			for _, e := range k.events {
				if e.ID = 1; e != example {
					t.Errorf("got %+v", e)
				}
			}
			if form == Details && len(k.details) != 1 {
				t.Errorf("%d details", len(k.details))
			}
		})
	}
}

// TestDetailsLikeOthers has details that look like something else: like lines of text, or like times.
func TestDetailsLikeOthers(t *testing.T) {
	for _, d := range []Detail{{Event: 0x30207c20, Text: "| | | | | |\n"}, {Event: 1, Text: strings.Repeat("fqM\x99"[:3]+"a", 62)}} {
		record, err := d.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if form, k := read(t, record); form != Details || len(k.details) != 1 || k.details[0] != d {
			t.Errorf("%+v was read as %s: %+v", d, form, k)
		}
	}
}

func TestUnknownForms(t *testing.T) {
	for _, file := range []string{"", "\x1f\x8b\x08", "{}", strings.Repeat("x", 63), strings.Repeat("\x00", 63), "event_id,time\n1,2\n"} {
		_, err := Read(strings.NewReader(file), latest, &kept{})
		if _, ok := errors.AsType[*UnknownFormError](err); !ok {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// failing is a receiver that stops the reading.
type failing struct{}

func (failing) Event(Event) error         { return io.ErrClosedPipe }
func (failing) Detail(Detail) error       { return io.ErrClosedPipe }
func (failing) Refuse(*RecordError) error { return io.ErrClosedPipe }

// TestFailures lets the receiver and the disk fail.
func TestFailures(t *testing.T) {
	files := forms(t, [16]byte{}, []Event{example})
	detail, err := (&Detail{Text: "text"}).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	files[Details] = detail
	files["refused"] = []byte(strings.Replace(exampleLine, "AM", "XX", 1))
	for form, file := range files {
		if _, err := Read(bytes.NewReader(file), latest, failing{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: the receiver's error became %v", form, err)
		}
		whole := bytes.Repeat(file, 2*headSize/len(file))
		disk := io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(io.ErrNoProgress))
		if _, err := Read(disk, latest, &kept{}); form != Answer && !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%s: the disk's error became %v", form, err)
		}
	}
}

func TestQuery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvent().Draw(t, "event")
		q := Query{Challenge: e.User, Start: e.Time, Service: e.Service, Password: e.IP.As16()}
		if rapid.Bool().Draw(t, "ends") {
			q.End = e.Time.Add(time.Hour)
		}
		b, err := q.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got Query
		if err := got.UnmarshalBinary(b); err != nil || got != q {
			t.Fatalf("%+v became %+v (%v)", q, got, err)
		}
		for _, bad := range [][]byte{b[1:], append(b, 0), append(b[:len(b)-1:len(b)-1], '<')} {
			if err := got.UnmarshalBinary(bad); err == nil {
				t.Fatalf("%x is a query", bad)
			}
		}
	})
	for _, q := range []Query{{}, {Start: Earliest, End: time.Unix(1<<32, 0)}} {
		if _, err := q.AppendBinary(nil); err == nil {
			t.Errorf("%+v can be sent", q)
		}
	}
}

func TestUnrepresentable(t *testing.T) {
	nowhere, early, late := example, example, example
	nowhere.IP, early.Time, late.Time = netip.Addr{}, time.Time{}, time.Unix(1<<32, 0)
	for _, e := range []Event{nowhere, early, late} {
		if _, err := e.AppendBinary(nil); err == nil {
			t.Errorf("%+v has a record", e)
		}
	}
}

// FuzzRead reads anything. What it accepts can be written, and reads as the same.
func FuzzRead(f *testing.F) {
	for _, file := range forms(f, [16]byte{1}, []Event{example, example}) {
		f.Add(file)
	}
	for _, packed := range []bool{true, false} {
		detail, err := (&Detail{Event: 1, Text: "TEXT1", Packed: packed}).AppendBinary(nil)
		if err == nil {
			f.Add(detail)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		k := &kept{}
		if _, err := Read(bytes.NewReader(file), latest, k); err != nil {
			if _, unknown := errors.AsType[*UnknownFormError](err); !unknown {
				t.Fatal(err)
			}
			return
		}
		if len(k.events) > 0 && len(k.events) < 65536 {
			for form, again := range forms(t, [16]byte{}, k.events) {
				if got, b := read(t, again); got != form || !reflect.DeepEqual(b.events, k.events) {
					t.Fatalf("%v became %v, %s became %s", k.events, b.events, form, got)
				}
			}
		}
		for _, d := range k.details {
			record, err := d.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := decodeDetail(record); err != nil || again != d {
				t.Fatalf("%v became %v (%v)", d, again, err)
			}
		}
	})
}

// FuzzQuery reads anything as a query. What it accepts is written as the same.
func FuzzQuery(f *testing.F) {
	b, err := (&Query{Start: Earliest}).AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var q Query
		if q.UnmarshalBinary(b) != nil {
			return
		}
		if again, err := q.AppendBinary(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x became %x (%v)", b, again, err)
		}
	})
}

func ExampleUserID() {
	fmt.Println(example.User)
	// Output: e004af90-7a34-454d-af17-6aec64584fe7
}
