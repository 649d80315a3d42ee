package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/events"
	"auditor/internal/simulator/tokennet"
)

// node is the command "node OFFICE FROM TO": copies a configuration, and says in it for
// whom the node works.
func node(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), fmt.Appendf(text, "\n[office]\nrole = %q\n", args[0]), 0o600))
}

// tokens is the command "tokens ANSWER DETAILS": writes what a node answers about a
// simulated day of a token network.
func tokens(ts *testscript.TestScript, _ bool, args []string) {
	list, details := tokennet.Day(1, time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), 2000)
	for i := range list {
		list[i].ID += 1000
	}
	var answer bytes.Buffer
	ts.Check(events.WriteAnswer(&answer, [16]byte{1}, list))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), answer.Bytes(), 0o600))
	for i := range details {
		details[i].Event += 1000
	}
	records, err := tokennet.Records(details)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), records, 0o600))
}
