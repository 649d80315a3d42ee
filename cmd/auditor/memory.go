package main

import (
	"context"
	"io"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/archive"
	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/taler"
)

// What the commands share that read what past audits left in the auditor's database.

// memoryFlags choose the configuration and the exchange. They may also stand before
// the command.
func memoryFlags(more ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"},
		&cli.StringFlag{Name: "exchange-key", Aliases: []string{"m"}, Usage: "of the exchange with this master public `KEY` (default: the one of the configuration)"},
	}, more...)
}

// given returns a flag that a command and the program both have, as it was given: to
// the command, else to the program, else the default.
func given(c *cli.Context, name string) string {
	for _, level := range c.Lineage() {
		if level.Command != nil && slices.Contains(level.LocalFlagNames(), name) {
			return level.String(name)
		}
	}
	return c.String(name)
}

// memory is the auditor's database, opened for one exchange.
type memory struct {
	*archive.Exchange
	conn     *pgx.Conn
	settings *config.Config
}

// remember opens the auditor's database.
func remember(c *cli.Context, needs ...config.Need) (*memory, error) {
	var master taler.EddsaPublicKey
	text := given(c, "exchange-key")
	need := config.NeedExchange
	if text != "" {
		if err := master.UnmarshalText([]byte(text)); err != nil {
			return nil, command.Usagef(c, "--exchange-key: %v", err)
		}
		need = config.NeedExchangeExceptKey
	}
	path, err := config.Find(given(c, "config"), os.Getenv)
	if err != nil {
		return nil, err
	}
	settings, err := config.Load(path, append(needs, need, config.NeedAuditorDB)...)
	if err != nil {
		return nil, err
	}
	if text != "" {
		settings.Exchange.MasterPublicKey = master
	}
	connect, err := connector(settings.AuditorDB)
	if err != nil {
		return nil, err
	}
	conn, err := current(connect)(c.Context)
	if err != nil {
		return nil, err
	}
	exchange, err := archive.Open(c.Context, conn, settings.Exchange.MasterPublicKey)
	if err != nil {
		_ = conn.Close(context.WithoutCancel(c.Context))
		return nil, err
	}
	return &memory{exchange, conn, settings}, nil
}

func (m *memory) close(ctx context.Context) { _ = m.conn.Close(context.WithoutCancel(ctx)) }

// remembering makes an action of what is done with the auditor's database.
func remembering(do func(*cli.Context, *memory) error, needs ...config.Need) cli.ActionFunc {
	return func(c *cli.Context) error {
		m, err := remember(c, needs...)
		if err != nil {
			return command.Unavailable(err)
		}
		defer m.close(c.Context)
		return command.Unavailable(do(c, m))
	}
}

// write writes to the file of --output, which appears when it is complete, or to the
// standard output.
func write(c *cli.Context, render func(io.Writer) error) error {
	o := &output{path: given(c, "output"), stdout: c.App.Writer}
	if err := o.open(); err != nil {
		return err
	}
	defer o.discard()
	if o.file == nil {
		return render(o.stdout)
	}
	if err := render(o.file); err != nil {
		return err
	}
	return o.publish(o.file, o.path)
}
