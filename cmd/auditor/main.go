// Auditor proves, or disproves, that an exchange works correctly, from a copy of
// its database, and reports.
package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"auditor/audit"
	"auditor/internal/command"
)

// version is set by the linker.
var version string

const description = `Reads the exchange's database in one snapshot, judges every row that no earlier
audit has judged, and every rule about time over all that is still open. The
findings, the figures and the report are kept in the auditor's database; an audit
that is interrupted leaves no trace there.

The exchange's database is only read. Create the auditor's with auditor-dbinit,
and a trusted copy of the exchange's with auditor-sync.

Exit status: 0 nothing was found at or above the severity of --fail-on; 1 wrong
usage or configuration; 2 a database could not be used; 3 something was found;
4 internal error; 42 a total is no amount, and nothing was stored.`

const usageText = `auditor -c auditor.toml
auditor -c auditor.toml --format json -o report.json
auditor -c auditor.toml --only reserves --fail-on exposure
auditor -c production.toml -i
auditor confirmations import -c auditor.toml deposit-confirmations.json
auditor report show --format html -o report.html
auditor findings list
auditor events import -c auditor.toml answer.bin
auditor demo
auditor simulate --database postgres:///play -o play`

func main() {
	audit.CollectRarely()
	app := command.New("auditor", "audit an exchange and report", command.Version(version), os.Stdout, os.Stderr)
	app.Description = description
	app.UsageText = usageText
	app.Flags = auditFlags()
	app.Action = auditExchange
	app.Commands = []*cli.Command{exchangeCommand(), confirmationsCommand(), reportCommand(), findingsCommand(), eventsCommand(), demoCommand(), simulateCommand()}
	os.Exit(command.Run(context.Background(), app, os.Args))
}
