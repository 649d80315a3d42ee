// Package dbinit is the logic of auditor-dbinit: it creates and upgrades the tables
// of the two databases of a configuration, and says in which state they are.
//
// The database [exchangedb] gets the tables of an exchange in layout 2021 and, beside
// them, the bookkeeping of auditor-sync; the database [auditordb] gets the auditor's
// own tables. Both may be one database. Where an exchange's own tools created its
// tables nothing is added to them, because that is a database in production.
package dbinit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/migrate"
	"auditor/internal/pg"
)

// appName is what the server shows of our connections.
const appName = "auditor-dbinit"

// A Part is one of the two databases of a configuration.
type Part string

// The parts, as they are written on the command line.
const (
	Exchange Part = "exchange"
	Auditor  Part = "auditor"
)

// ParsePart returns the part of that name.
func ParsePart(name string) (Part, error) {
	switch p := Part(name); p {
	case Exchange, Auditor:
		return p, nil
	}
	return "", fmt.Errorf("there is no database %q: say exchange, auditor, or nothing for both", name)
}

// Need returns the sections of the configuration that work on the part needs. Without
// a part there is none: what counts is what the configuration names.
func (p Part) Need() []config.Need {
	switch p {
	case Exchange:
		return []config.Need{config.NeedExchangeDB}
	case Auditor:
		return []config.Need{config.NeedAuditorDB}
	}
	return nil
}

// A Program works on the databases of a configuration.
type Program struct {
	Config *config.Config
	Part   Part                // "" means every database that the configuration names
	Getenv func(string) string // for passwords
	Out    io.Writer           // for people: what was done

	DryRun  bool // Init and Upgrade only tell what they would do
	Convert bool // Upgrade may move data in tables that an exchange's own tools created
}

// A database is one part of the configuration and what belongs there.
type database struct {
	part     Part
	settings config.Database
	main     member   // without it the others have no place
	beside   []member // only where main is of our making
	conn     *pgx.Conn
}

// A member is a component and the schema in which its tables lie.
type member struct {
	migrate.Component
	home string
}

// databases returns the databases to work on, not connected yet.
func (p *Program) databases() ([]*database, error) {
	var list []*database
	if db := p.Config.ExchangeDB; p.Part != Auditor && db.Config != "" {
		list = append(list, &database{
			part:     Exchange,
			settings: db,
			main:     member{migrate.Exchange(db.Schema), db.Schema},
			beside:   []member{{migrate.Replica(db.Schema), "auditor_sync"}},
		})
	}
	if db := p.Config.AuditorDB; p.Part != Exchange && db.Config != "" {
		list = append(list, &database{
			part:     Auditor,
			settings: db,
			main:     member{migrate.Auditor(), config.AuditorSchema},
		})
	}
	if len(list) == 0 {
		return nil, &NoDatabaseError{File: p.Config.File}
	}
	return list, nil
}

func (d *database) connect(ctx context.Context, getenv func(string) string, options ...pg.Option) error {
	password, err := d.settings.Password(getenv)
	if err != nil {
		return err
	}
	d.conn, err = pg.Connect(ctx, pg.Target{ConnString: d.settings.Config, Password: password, AppName: appName}, options...)
	if err != nil {
		return fmt.Errorf("[%sdb]: %w", d.part, err)
	}
	return nil
}

// open connects to every database, so that nothing is done in one if another cannot
// be reached. The error names all that cannot.
func (p *Program) open(ctx context.Context) ([]*database, error) {
	list, err := p.databases()
	if err != nil {
		return nil, err
	}
	var unreachable []error
	for _, d := range list {
		if err := d.connect(ctx, p.Getenv); err != nil {
			unreachable = append(unreachable, err)
		}
	}
	if len(unreachable) > 0 {
		closeAll(ctx, list)
		return nil, errors.Join(unreachable...)
	}
	return list, nil
}

// closeAll takes leave of the servers, also after ctx ended.
func closeAll(ctx context.Context, list []*database) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, d := range list {
		if d.conn != nil {
			_ = d.conn.Close(ctx) // nothing is pending, and the server notices anyway
		}
	}
}
