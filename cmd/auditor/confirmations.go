package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/confirmation"
	"auditor/internal/taler"
)

const importDescription = `Takes in what merchants report: the exchange's signed word that it accepted a deposit.
The next audit looks for the deposits in the exchange's database.

A file holds confirmations as JSON: one, one after the other, or an array of them, each
as merchants send it (the body of PUT /deposit-confirmation), or as a row of the
table deposit_confirmations of an earlier auditor, byte columns in hexadecimal digits.

Anybody can send anything. What the exchange did not sign is refused, with file, number
and reason; everything else goes in. What is there already is left alone, so a file can
be imported again.

Exit status: 0 everything is there now; 1 wrong usage, or a file that cannot be read; 2
the auditor's database could not be used; 3 something was refused, or two confirmations
contradict each other.`

func confirmationsCommand() *cli.Command {
	return &cli.Command{
		Name:  "confirmations",
		Usage: "take in what merchants report of deposits",
		Description: `When an exchange accepts a deposit, it signs that to the merchant. Merchants report these confirmations to
auditors. Each audit then holds them against the exchange's database: a deposit that the exchange confirmed and did not
book, or booked otherwise, is a finding of the area deposits.`,
		UsageText: "auditor confirmations COMMAND\nauditor confirmations import -c auditor.toml deposit-confirmations.json",
		Subcommands: []*cli.Command{{
			Name:        "import",
			Usage:       "import deposit confirmations from files",
			ArgsUsage:   "FILE…",
			Description: importDescription,
			UsageText:   "auditor confirmations import [FLAGS] FILE…\nauditor confirmations import -c auditor.toml deposit-confirmations.json",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"},
				&cli.StringFlag{Name: "exchange-key", Aliases: []string{"m"}, Usage: "the confirmations are of the exchange with this master public `KEY`"},
			},
			Action: func(c *cli.Context) error {
				if c.NArg() == 0 {
					return command.Usagef(c, "name the files to import")
				}
				return importConfirmations(c)
			},
		}},
	}
}

// flagOf is the value of a flag of the command or, if it is not set there, of one of
// the commands above.
func flagOf(c *cli.Context, name string) string {
	for _, at := range c.Lineage() {
		if text := at.String(name); text != "" {
			return text
		}
	}
	return ""
}

// importConfirmations imports all files, or nothing if one of them cannot be read.
func importConfirmations(c *cli.Context) error {
	settings, err := exchangeSettings(c)
	if err != nil {
		return err
	}
	connect, err := connector(settings.AuditorDB)
	if err != nil {
		return err
	}
	ctx := c.Context
	conn, err := current(connect)(ctx)
	if err != nil {
		return command.Unavailable(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	of := confirmation.Exchange{MasterPub: settings.Exchange.MasterPublicKey, BaseURL: settings.Exchange.BaseURL, Currency: settings.Exchange.Currency}
	job, err := confirmation.Begin(ctx, conn, of)
	if err != nil {
		return command.Unavailable(err)
	}
	defer job.Rollback(context.WithoutCancel(ctx))
	refused := 0
	for _, name := range c.Args().Slice() {
		n, err := importFile(ctx, job, of, name, command.Log(c))
		if err != nil {
			return command.Unavailable(err)
		}
		refused += n
	}
	summary, err := job.Commit(ctx)
	if err != nil {
		return command.Unavailable(err)
	}
	for _, x := range summary.Contradictions {
		command.Log(c).Warn("the exchange has confirmed one deposit in two ways", "confirmation", x.Serial, "other", x.Other)
	}
	fmt.Fprintf(c.App.Writer, "%d confirmations: %d new, %d known before, %d refused\n",
		summary.Read+int64(refused), summary.New, summary.Read-summary.New, refused)
	if refused > 0 || len(summary.Contradictions) > 0 {
		return command.Exit{Status: command.StatusFindings}
	}
	return nil
}

// exchangeSettings reads the configuration, as far as it is about the exchange and
// the auditor's database.
func exchangeSettings(c *cli.Context) (*config.Config, error) {
	need := []config.Need{config.NeedExchange, config.NeedAuditorDB}
	var master taler.EddsaPublicKey
	key := flagOf(c, "exchange-key")
	if key != "" {
		if err := master.UnmarshalText([]byte(key)); err != nil {
			return nil, command.Usagef(c, "--exchange-key: %v", err)
		}
		need[0] = config.NeedExchangeExceptKey
	}
	path, err := config.Find(flagOf(c, "config"), os.Getenv)
	if err != nil {
		return nil, err
	}
	settings, err := config.Load(path, need...)
	if err != nil {
		return nil, err
	}
	if key != "" {
		settings.Exchange.MasterPublicKey = master
	}
	return settings, nil
}

// importFile adds what is good in one file, and returns how many entries are not.
func importFile(ctx context.Context, job *confirmation.Importer, of confirmation.Exchange, name string, log *slog.Logger) (refused int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, command.Exit{Status: command.StatusUsage, Err: err}
	}
	defer file.Close()
	err = confirmation.Read(file, of.Currency, func(entry int, c *confirmation.Confirmation, reason error) error {
		if reason == nil {
			reason = c.Verify(of.MasterPub)
		}
		if reason != nil {
			refused++
			log.Warn("refused", "file", name, "entry", entry, "reason", reason)
			return nil
		}
		return job.Add(ctx, c)
	})
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return refused, command.Exit{Status: command.StatusUsage, Err: err}
	}
	return refused, err
}
