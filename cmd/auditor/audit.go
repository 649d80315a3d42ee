package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/audit"
	"auditor/internal/archive"
	"auditor/internal/bank"
	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
)

func auditFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"},
		&cli.StringFlag{Name: "exchange-key", Aliases: []string{"m"}, Usage: "audit the exchange with this master public `KEY`"},
		&cli.BoolFlag{Name: "internal", Aliases: []string{"i"}, Usage: "the database is the exchange's own: check mutable columns too"},
		&cli.StringFlag{Name: "now", Usage: "audit as of `TIME` (ISO 8601, as in 2021-02-04T12:00:00Z)"},
		&cli.StringFlag{Name: "only", Usage: "audit these `AREAS` only, separated by commas: " + strings.Join(audit.Areas(), ", ")},
		&cli.StringFlag{Name: "fail-on", Value: string(report.Loss), Usage: "end with status 3 if a finding is of this `SEVERITY` or graver: " + severities()},
		&cli.BoolFlag{Name: "count-acknowledged", Usage: "let --fail-on count findings that somebody acknowledged, too"},
		&cli.StringFlag{Name: "format", Value: "text", Usage: "report in `FORMAT`: " + formatsOfAudits},
		&cli.IntFlag{Name: "width", Value: 80, Usage: "make the text so many `COLUMNS` wide"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `PATH`: a file, or a folder for the format taler"},
	}
}

func severities() string {
	names := make([]string, 0, 4)
	for _, s := range report.Severities() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// auditExchange is the main job of the program.
func auditExchange(c *cli.Context) error {
	failOn := report.Severity(c.String("fail-on"))
	if !slices.Contains(report.Severities(), failOn) {
		return command.Usagef(c, "unknown severity %q, choose from %s", failOn, severities())
	}
	out, err := openOutput(c)
	if err != nil {
		return err
	}
	defer out.discard()
	opt, err := auditOptions(c)
	if err != nil {
		return err
	}
	rep, err := audit.Run(c.Context, opt)
	if err != nil {
		return command.Unavailable(err)
	}
	if out.history, err = history(c.Context, opt, rep); err == nil {
		err = out.write(rep)
	}
	if err != nil {
		return command.Exit{Status: command.StatusUnavailable,
			Err: fmt.Errorf("run %d was audited and is kept in the auditor's database, but its report cannot be written: %w", rep.Run, err)}
	}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		counts := f.Counts() || c.Bool("count-acknowledged") && f.Status != report.Resolved
		if counts && f.Severity.AtLeast(failOn) {
			return command.Exit{Status: command.StatusFindings}
		}
	}
	for _, u := range rep.Unchecked {
		if u.Failed {
			return command.Exit{Status: command.StatusUnavailable, Err: fmt.Errorf("run %d did not check %s: %s", rep.Run, u.What, u.Why)}
		}
	}
	return nil
}

// auditOptions puts the configuration and the command line together.
func auditOptions(c *cli.Context) (audit.Options, error) {
	var opt audit.Options
	var asOf time.Time
	if text := c.String("now"); text != "" {
		var err error
		if asOf, err = time.Parse(time.RFC3339, text); err != nil {
			return opt, command.Usagef(c, "--now %q is no time: write it as in 2021-02-04T12:00:00Z", text)
		}
	}
	need := []config.Need{config.NeedExchange, config.NeedExchangeDB, config.NeedAuditorDB}
	var master taler.EddsaPublicKey
	if text := c.String("exchange-key"); text != "" {
		if err := master.UnmarshalText([]byte(text)); err != nil {
			return opt, command.Usagef(c, "--exchange-key: %v", err)
		}
		need[0] = config.NeedExchangeExceptKey
	}
	path, err := config.Find(c.String("config"), os.Getenv)
	if err != nil {
		return opt, err
	}
	settings, err := config.Load(path, need...)
	if err != nil {
		return opt, err
	}
	if c.String("exchange-key") != "" {
		settings.Exchange.MasterPublicKey = master
	}
	exchangeDB, err := connector(settings.ExchangeDB, pg.ReadOnly())
	if err != nil {
		return opt, err
	}
	auditorDB, err := connector(settings.AuditorDB)
	if err != nil {
		return opt, err
	}
	var key *archive.Key
	if file := settings.Auditor.ReportKeyFile; file != "" {
		if key, err = archive.LoadKey(file); err != nil {
			return opt, err
		}
	}
	banks, err := bank.Open(settings.Accounts, settings.Exchange.Currency, os.Getenv, bank.Surroundings{})
	if err != nil {
		return opt, err
	}
	return audit.Options{
		Key:      key,
		Exchange: exchangeDB,
		Auditor:  current(auditorDB),
		Schema:   settings.ExchangeDB.Schema,
		Policy:   policy(settings),
		Banks:    banks,
		Internal: c.Bool("internal"),
		Areas:    split(c.String("only")),
		AsOf:     asOf,
		Clock:    time.Now,
		Logger:   command.Log(c),
		Progress: showProgress(command.ProgressOf(c)),
		Program:  report.Program{Name: "auditor", Version: c.App.Version, ConfigurationDigest: settings.Digest()},
	}, nil
}

// history is what past reports said, for those forms of a report that draw it.
func history(ctx context.Context, opt audit.Options, rep *report.Report) (report.History, error) {
	conn, err := opt.Auditor(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	e, err := archive.Open(ctx, conn, opt.Policy.MasterPub)
	if err != nil {
		return nil, err
	}
	return e.History(ctx, conn, rep.Run)
}

// policy is what the configuration says of the exchange and of ourselves.
func policy(settings *config.Config) audit.Policy {
	p := audit.Policy{
		MasterPub:              settings.Exchange.MasterPublicKey,
		BaseURL:                settings.Exchange.BaseURL,
		Currency:               settings.Exchange.Currency,
		RoundUnit:              settings.Exchange.CurrencyRoundUnit,
		AuditorURL:             settings.Auditor.BaseURL,
		IdleReserveExpiration:  settings.ExchangeDB.IdleReserveExpiration,
		LegalReserveExpiration: settings.ExchangeDB.LegalReserveExpiration,
		ClosingGrace:           settings.Auditor.ClosingGrace,
		DenominationGrace:      settings.Auditor.DenominationGrace,
		DepositGrace:           settings.Auditor.DepositGrace,
		LongestWireDelay:       settings.Auditor.LongestWireDelay,
		TinyAmount:             settings.Auditor.TinyAmount,
		FutureTolerance:        settings.Auditor.FutureTolerance,
		ExecutionTolerance:     settings.Auditor.ExecutionTolerance,
		ConfirmationGrace:      settings.Auditor.ConfirmationGrace,
		TransferGrace:          settings.Auditor.TransferGrace,
	}
	if settings.Auditor.PublicKey != (taler.EddsaPublicKey{}) {
		p.AuditorPub = &settings.Auditor.PublicKey
	}
	return p
}

// connector opens connections to a database of the configuration.
func connector(db config.Database, options ...pg.Option) (audit.Connect, error) {
	password, err := db.Password(os.Getenv)
	if err != nil {
		return nil, err
	}
	target := pg.Target{ConnString: db.Config, Password: password, AppName: "auditor"}
	return func(ctx context.Context) (*pgx.Conn, error) { return pg.Connect(ctx, target, options...) }, nil
}

// current refuses an auditor's database whose tables are not those that this
// program knows.
func current(connect audit.Connect) audit.Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		conn, err := connect(ctx)
		if err != nil {
			return nil, err
		}
		if err := migrate.CheckCurrent(ctx, conn, migrate.Auditor()); err != nil {
			_ = conn.Close(ctx)
			return nil, err
		}
		return conn, nil
	}
}

// split takes a list apart at its commas.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// showProgress shows each table that is audited as one activity. Of tables that are
// audited at the same time it shows one until that is done.
func showProgress(progress *command.Progress) func(string, int64, int64) {
	var activity *command.Activity
	var current string
	var shown int64
	return func(what string, done, total int64) {
		switch {
		case activity == nil && done < total:
			activity, current, shown = progress.Start("auditing "+what, total), what, 0
		case activity == nil || what != current:
			return
		}
		activity.Add(done - shown)
		shown = done
		if done == total {
			activity.Done()
			activity = nil
		}
	}
}
