package events

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Events as lines: as nodes print them, or as CSV, which is ours.

const (
	printedTime = "1/2/2006, 3:04:05 PM"

	// csvHeader is the first line of CSV. No field ever needs quotes.
	csvHeader = "event_id,time,ip,user_id,service,amount,nanoseconds,status"
	fields    = 8
)

// appendText appends the line that nodes print, without its end. The time is UTC.
func (e *Event) appendText(b []byte) []byte { return e.appendLine(b, printedTime, " | ") }

// appendCSV appends a line of CSV, without its end. The time is ISO 8601, UTC.
func (e *Event) appendCSV(b []byte) []byte { return e.appendLine(b, time.RFC3339, ",") }

func (e *Event) appendLine(b []byte, layout, separator string) []byte {
	return append(b, strings.Join([]string{strconv.FormatUint(uint64(e.ID), 10), e.Time.UTC().Format(layout), e.IP.String(), e.User.String(),
		strconv.Itoa(int(e.Service)), strconv.FormatUint(uint64(e.Amount), 10), strconv.Itoa(int(e.Nanoseconds)), strconv.Itoa(int(e.Status))}, separator)...)
}

// parseText reads a line that a node printed.
func parseText(line string) (Event, error) {
	// Browsers print a narrow space before AM and PM.
	return parseLine(strings.ReplaceAll(line, "\u202f", " "), printedTime, "|")
}

// parseCSV reads a line of CSV.
func parseCSV(line string) (Event, error) { return parseLine(line, time.RFC3339, ",") }

func parseLine(line, layout, separator string) (e Event, err error) {
	parts := strings.Split(line, separator)
	if len(parts) != fields {
		return Event{}, fmt.Errorf("the line has %d fields, not %d", len(parts), fields)
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	number := func(name, text string, bits int) uint64 {
		n, bad := strconv.ParseUint(text, 10, bits)
		if bad != nil && err == nil {
			err = fmt.Errorf("%s: %q is no number from 0 to %d", name, text, uint64(1)<<bits-1)
		}
		return n
	}
	e = Event{ID: uint32(number("event id", parts[0], 32)), Service: Service(number("service", parts[4], 16)),
		Amount: uint32(number("amount", parts[5], 32)), Nanoseconds: uint16(number("execution time", parts[6], 16)),
		Status: uint16(number("status", parts[7], 16))}
	if err != nil {
		return Event{}, err
	}
	if e.Time, err = time.Parse(layout, parts[1]); err != nil {
		return Event{}, fmt.Errorf("time: %q is not like %s", parts[1], time.Date(2024, 6, 18, 9, 4, 25, 0, time.UTC).Format(layout))
	}
	if e.Time = e.Time.UTC(); e.Time.Nanosecond() != 0 {
		return Event{}, fmt.Errorf("time: %q has fractions of a second", parts[1])
	}
	if e.IP, err = netip.ParseAddr(parts[2]); err != nil || e.IP.Zone() != "" {
		return Event{}, fmt.Errorf("ip: %q is no IP address", parts[2])
	}
	e.IP = e.IP.Unmap()
	if e.User, err = ParseUserID(parts[3]); err != nil {
		return Event{}, errors.New("user id: it is no UUID like e004af90-7a34-454d-af17-6aec64584fe7") // untold, for offices that may not see it
	}
	return e, nil
}
