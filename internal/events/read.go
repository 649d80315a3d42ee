package events

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Receiver takes what is in a file. An error of its ends the reading.
type Receiver interface {
	Event(Event) error
	Detail(Detail) error
	Refuse(*RecordError) error // a record is broken, or the file is; the rest still follows
}

// RecordError says what is wrong with a file, and where.
type RecordError struct {
	Line   int   // from 1; 0 where the file has no lines
	Offset int64 // in bytes, of the record
	Reason error
}

func (e *RecordError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %v", e.Line, e.Reason)
	}
	return fmt.Sprintf("byte %d: %v", e.Offset, e.Reason)
}

func (e *RecordError) Unwrap() error { return e.Reason }

// UnknownFormError says that a file is none that we can read.
type UnknownFormError struct{}

func (*UnknownFormError) Error() string {
	return "this is neither a saved answer of a node, nor a sequence of events (64 bytes each) or details (256), nor lines of text or CSV: " +
		"check that it is whole and that it is not compressed"
}

// Read gives what is in a file to the receiver, in order, and returns the form of the file. Nothing can have
// happened after latest. It needs the same memory for any file. Its error is one of reading or of the receiver,
// or an [*UnknownFormError].
func Read(file io.Reader, latest time.Time, to Receiver) (Form, error) {
	in := bufio.NewReaderSize(file, headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	r := &reader{in: in, latest: latest, to: to}
	form := recognize(head, err != nil, latest)
	switch form {
	case Answer:
		err = r.answer()
	case Events:
		err = r.records(eventSize, -1, r.event)
	case Details:
		err = r.records(detailSize, -1, r.detail)
	case Text:
		err = r.lines(parseText, 0)
	case CSV:
		err = r.lines(parseCSV, 1)
	default:
		err = &UnknownFormError{}
	}
	return form, err
}

type reader struct {
	in     *bufio.Reader
	offset int64
	latest time.Time
	to     Receiver
}

func (r *reader) refuse(at int64, reason error) error {
	return r.to.Refuse(&RecordError{Offset: at, Reason: reason})
}

// answer reads an answer: the challenge, the number of rows, so many rows, the trailer.
func (r *reader) answer() error {
	var head [answerHead]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return err
	}
	r.offset = answerHead
	rows := int64(binary.BigEndian.Uint16(head[challengeLen:]))
	if err := r.records(eventSize, rows, r.event); err != nil {
		return err
	}
	if r.offset < answerHead+rows*eventSize {
		return nil // that it is cut off was told
	}
	rest := make([]byte, len(trailer)+1)
	n, err := io.ReadFull(r.in, rest)
	if err == nil || string(rest[:n]) != trailer {
		return r.refuse(r.offset, fmt.Errorf("after %d rows, as many as the answer announces, there is not its end, 3e3e: "+
			"the file is cut off, or more than one answer", rows))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// records reads so many records, or if count is negative all until the end of the file.
func (r *reader) records(size int, count int64, take func([]byte) (reason, err error)) error {
	record := make([]byte, size)
	for i := int64(0); i != count; i++ {
		n, err := io.ReadFull(r.in, record)
		switch {
		case errors.Is(err, io.EOF) && count < 0:
			return nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			at := r.offset
			r.offset += int64(n)
			reason := fmt.Errorf("the file ends after %d of the %d bytes of a record", n, size)
			if count >= 0 {
				reason = fmt.Errorf("the file ends after %d of %d rows", i, count)
			}
			return r.refuse(at, reason)
		case err != nil:
			return err
		}
		reason, err := take(record)
		if reason != nil {
			err = r.refuse(r.offset, reason)
		}
		if err != nil {
			return err
		}
		r.offset += int64(size)
	}
	return nil
}

func (r *reader) event(record []byte) (reason, err error) {
	e := decodeEvent(record)
	if reason := e.checkTime(r.latest); reason != nil {
		return reason, nil
	}
	return nil, r.to.Event(e)
}

func (r *reader) detail(record []byte) (reason, err error) {
	d, reason := decodeDetail(record)
	if reason != nil {
		return reason, nil
	}
	return nil, r.to.Detail(d)
}

// lines reads an event per line, after some lines of header. Empty lines are passed over.
func (r *reader) lines(parse func(string) (Event, error), header int) error {
	for number := 1; ; number++ {
		line, err := r.in.ReadSlice('\n')
		text, at := strings.TrimSpace(string(line)), r.offset
		r.offset += int64(len(line))
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.in.ReadSlice('\n')
			r.offset += int64(len(line))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if number > header && text != "" {
			var e Event
			reason := fmt.Errorf("the line is longer than %d bytes", headSize)
			if !tooLong {
				e, reason = parse(text)
			}
			if reason == nil {
				reason = e.checkTime(r.latest)
			}
			var bad error
			if reason != nil {
				bad = r.to.Refuse(&RecordError{Line: number, Offset: at, Reason: reason})
			} else {
				bad = r.to.Event(e)
			}
			if bad != nil {
				return bad
			}
		}
		if err != nil {
			return nil
		}
	}
}
