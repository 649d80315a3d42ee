package audit

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
	"auditor/internal/testdata"
	"auditor/report"
)

func TestMain(m *testing.M) {
	if isChild() {
		os.Exit(beChild())
	}
	os.Exit(pgtest.Main(m))
}

// sample is a part of a long list of cases, for the race detector, under which each
// takes long and all run through the same code.
func sample[T any](cases []T) []T {
	var some []T
	for i := 0; i < len(cases); i += 8 {
		some = append(some, cases[i])
	}
	return some
}

// bench is an exchange's database and the auditor's database, ready to be audited.
type bench struct {
	testing.TB
	exchange string // connection URLs
	auditor  string
	opt      Options
	banks    []config.Account // of an audit in a process of its own
}

// newBench sets an auditor's database beside an exchange's.
func newBench(t testing.TB, exchange string, policy Policy, now time.Time) *bench {
	t.Helper()
	b := &bench{TB: t, exchange: exchange}
	b.auditor = migratetest.NewDatabase(t, migrate.Auditor())
	b.opt = Options{
		Exchange: connectTo(exchange, pg.ReadOnly()),
		Auditor:  connectTo(b.auditor),
		Schema:   "public",
		Policy:   policy,
		AsOf:     now,
		Clock:    time.Now,
		Logger:   slog.New(slog.DiscardHandler),
		Program:  report.Program{Name: "auditor", Version: "test"},
	}
	return b
}

func connectTo(url string, options ...pg.Option) Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor test"}, options...)
	}
}

// longGrace is how long real exchanges may leave deposits unpaid, where that is not
// what matters: two of them were audited before anybody was paid.
const longGrace = 60 * 24 * time.Hour

// real is the bench of one of the real exchanges.
func real(t testing.TB, folder string) *bench {
	t.Helper()
	info := testdata.Info(t, folder)
	policy := Policy{
		Currency:               taler.Currency(info.Currency),
		BaseURL:                "https://exchange.example/",
		IdleReserveExpiration:  info.IdleReserveExpirationTime.Duration(),
		LegalReserveExpiration: 7 * 365 * 24 * time.Hour,
		ClosingGrace:           24 * time.Hour,
		DepositGrace:           longGrace,
		LongestWireDelay:       365 * 24 * time.Hour,
		FutureTolerance:        time.Hour,
		ExecutionTolerance:     15 * time.Minute,
		DenominationGrace:      24 * time.Hour,
		ConfirmationGrace:      24 * time.Hour,
		TransferGrace:          time.Hour,
		AuditorURL:             info.Auditors[0].URL,
		AuditorPub:             new(taler.EddsaPublicKey),
	}
	var err error
	if policy.RoundUnit, err = taler.ParseAmount(info.CurrencyRoundUnit); err != nil {
		t.Fatal(err)
	}
	if policy.TinyAmount, err = taler.ParseAmount(info.TinyAmount); err != nil {
		t.Fatal(err)
	}
	if err := policy.MasterPub.UnmarshalText([]byte(info.MasterPublicKey)); err != nil {
		t.Fatal(err)
	}
	if err := policy.AuditorPub.UnmarshalText([]byte(info.Auditors[0].PublicKey)); err != nil {
		t.Fatal(err)
	}
	return newBench(t, pgtest.LoadExchange(t, folder), policy, info.AuditedAsOf)
}

// audit runs one audit, which must succeed.
func (b *bench) audit() *report.Report {
	b.Helper()
	rep, err := Run(context.Background(), b.opt)
	if err != nil {
		b.Fatal(err)
	}
	return rep
}

// exec changes the exchange's database.
func (b *bench) exec(statement string, args ...any) {
	b.Helper()
	b.run(b.exchange, statement, args...)
}

func (b *bench) run(url, statement string, args ...any) {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	if len(args) == 0 {
		_, err = conn.PgConn().Exec(ctx, statement).ReadAll()
	} else {
		_, err = conn.Exec(ctx, statement, args...)
	}
	if err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}
