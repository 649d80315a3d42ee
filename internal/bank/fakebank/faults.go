package fakebank

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"auditor/internal/bank"
)

// A Fault is something that is wrong with an answer.
type Fault struct {
	name       string
	status     int    // of a refusal
	retryAfter string // header of a refusal
	target     string // of a redirection
}

// String names the fault.
func (f Fault) String() string {
	if f.status != 0 {
		return f.name + " " + strconv.Itoa(f.status)
	}
	return f.name
}

// Refusal answers with a status other than 200, and with a header Retry-After unless that is empty.
func Refusal(status int, retryAfter string) Fault {
	return Fault{name: "refusal", status: status, retryAfter: retryAfter}
}

// Redirection sends clients to another URL.
func Redirection(target string) Fault {
	return Fault{name: "redirection", status: http.StatusTemporaryRedirect, target: target}
}

// None is an answer as it should be.
func None() Fault { return Fault{} }

// Slow does not answer until the client gives up.
func Slow() Fault { return Fault{name: "slow"} }

// Dropped closes the connection without an answer.
func Dropped() Fault { return Fault{name: "dropped"} }

// Cut breaks the connection in the middle of the answer.
func Cut() Fault { return Fault{name: "cut"} }

// Stalled sends half of the answer, and then nothing until the client gives up.
func Stalled() Fault { return Fault{name: "stalled"} }

// Truncated ends the answer in its middle as if that were its end.
func Truncated() Fault { return Fault{name: "truncated"} }

// IgnoredStart answers as if the history were asked for from its beginning.
func IgnoredStart() Fault { return Fault{name: "ignored start"} }

// IgnoredDelta answers with the whole rest of the history.
func IgnoredDelta() Fault { return Fault{name: "ignored delta"} }

// Repeated tells the last record of the page twice.
func Repeated() Fault { return Fault{name: "repeated"} }

// Reordered exchanges the last two records of the page.
func Reordered() Fault { return Fault{name: "reordered"} }

// WrongType writes the rows as texts.
func WrongType() Fault { return Fault{name: "wrong type"} }

// Endless adds records to the page without end.
func Endless() Fault { return Fault{name: "endless"} }

// Huge has a text without end.
func Huge() Fault { return Fault{name: "huge"} }

// Short ends the history before its time, with an empty page. Nobody can see that in the answers alone.
func Short() Fault { return Fault{name: "short"} }

// injected is a fault with the number of answers that it still spoils.
type injected struct {
	fault Fault
	left  int
}

// Inject spoils the next answers with a fault, after those that were injected before.
func (b *Bank) Inject(fault Fault, answers int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, injected{fault, answers})
}

// nextFault takes the fault of the next answer.
func (b *Bank) nextFault() Fault {
	for len(b.faults) > 0 {
		if b.faults[0].left > 0 {
			b.faults[0].left--
			return b.faults[0].fault
		}
		b.faults = b.faults[1:]
	}
	return None()
}

// spoilRequest answers in the place of the bank, if that is the fault.
func (f Fault) spoilRequest(w http.ResponseWriter, r *http.Request) bool {
	switch f.name {
	case "slow":
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case "dropped":
		panic(http.ErrAbortHandler)
	case "redirection":
		http.Redirect(w, r, f.target, f.status)
		return true
	case "refusal":
		if f.retryAfter != "" {
			w.Header().Set("Retry-After", f.retryAfter)
		}
		refuse(w, f.status, 9999, "the bank does not feel well")
		return true
	}
	return false
}

// spoilPage returns the page, or what the fault makes of it.
func (f Fault) spoilPage(b *Bank, q query, all []bank.Record) []bank.Record {
	switch f.name {
	case "ignored start":
		q.start = 0
	case "ignored delta":
		q.delta = int64(len(all)) + 1
	case "short":
		return nil
	}
	page := b.page(q, all)
	last := len(page) - 1
	switch f.name {
	case "repeated":
		if last >= 0 {
			return append(page[:last:last], page[last], page[last])
		}
	case "reordered":
		if last >= 1 {
			page[last-1], page[last] = page[last], page[last-1]
		}
	}
	return page
}

// spoilBody writes the answer, not quite as it is.
func (f Fault) spoilBody(w http.ResponseWriter, r *http.Request, body []byte) {
	switch f.name {
	case "cut":
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case "stalled":
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case "truncated":
		body = body[:len(body)/2]
	case "wrong type":
		body = rowAsText(body)
	case "endless":
		flood(w, r, body[:bytes.LastIndexByte(body, ']')], lastElement(body))
		return
	case "huge":
		flood(w, r, []byte(`{"nonsense": "`), []byte(strings.Repeat("x", 4096)))
		return
	}
	_, _ = w.Write(body)
}

const rowMember = `"row_id":`

// rowAsText writes every row as a text.
func rowAsText(body []byte) []byte {
	parts := bytes.Split(body, []byte(rowMember))
	for i, part := range parts[1:] {
		end := bytes.IndexAny(part, ",}")
		parts[i+1] = []byte(`"` + string(part[:end]) + `"` + string(part[end:]))
	}
	return bytes.Join(parts, []byte(rowMember))
}

// lastElement is the last record of an answer, with a comma in front.
func lastElement(body []byte) []byte {
	end := bytes.LastIndexByte(body, ']')
	begin := bytes.LastIndex(body[:end], []byte(`{"amount"`))
	if begin < 0 {
		return []byte(" ")
	}
	return append([]byte(","), body[begin:end]...)
}

// flood writes the beginning, and then the rest until the client goes away.
func flood(w http.ResponseWriter, r *http.Request, beginning, rest []byte) {
	for _, err := w.Write(beginning); err == nil && r.Context().Err() == nil; _, err = w.Write(rest) {
	}
}
