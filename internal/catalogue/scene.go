package catalogue

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// Scene is the database of a simulated exchange, with what a culprit knows of it.
type Scene struct {
	Conn   *pgx.Conn
	Schema string
	Play   *simulator.Exchange

	// Delay is how long after the exchange's clock the deed shows: the audit that
	// must find it is made then. It is zero for most deeds.
	Delay time.Duration
	// Bookings are what the deed changes in the true books of the reserves, beside
	// the simulator's ledger.
	Bookings []Booking
	// Bank is what the banks know after the deed, per account of the exchange.
	Bank []Account
	// Confirmations are what merchants handed on to the auditor beside those of the
	// simulator.
	Confirmations []simulator.Confirmation
	// Undo takes back what the deed changed in the schema itself, once its rows are
	// gone. It is empty for most deeds.
	Undo string

	keys          *simulator.KeyPool
	denominations []exchange.Denomination
	affirmations  []exchange.AuditorSignature
	revocations   []exchange.DenominationRevocation
	signKeys      []exchange.SignKey
	fees          []exchange.WireFee
	reserves      []*reserve
	withdrawals   []exchange.Withdrawal
	ownKeys       map[int64]*taler.RSAPrivateKey // of denominations that the deed made, by serial
}

// Booking is what a deed adds to the balance of a reserve as it should be, and to
// the fees that the exchange has earned, in steps of 10^-8.
type Booking struct {
	When    When
	Reserve taler.EddsaPublicKey
	Amount  int64
	Fee     int64
}

// reserve is a reserve as the exchange's own books know it.
type reserve struct {
	serial      int64
	pub         taler.EddsaPublicKey
	key         taler.EddsaPrivateKey
	balance     taler.Amount
	expiration  taler.Timestamp
	collection  taler.Timestamp // from then on, garbage
	origins     []string        // in the order of the credits
	section     string
	credited    taler.Timestamp // last
	withdrawals int
	recoups     int
	closings    int
}

// Open reads what there is. The exchange must be as the simulator wrote it.
func Open(ctx context.Context, conn *pgx.Conn, schema string, play *simulator.Exchange) (*Scene, error) {
	s := &Scene{Conn: conn, Schema: schema, Play: play, keys: play.Scenario().Keys, Bank: bankOf(play), ownKeys: make(map[int64]*taler.RSAPrivateKey)}
	if s.keys == nil {
		s.keys = simulator.NewKeyPool("")
	}
	src := exchange.Source{Layout: exchange.Layout2021(), Schema: schema, Currency: play.Currency()}
	known := make(map[taler.EddsaPublicKey]*reserve)
	var closings []exchange.Closing
	var recoups []exchange.Recoup
	var credits []exchange.Credit
	for _, read := range []func() error{
		func() (err error) { s.denominations, err = all(ctx, conn, src, exchange.Denominations); return },
		func() (err error) { s.affirmations, err = all(ctx, conn, src, exchange.AuditorSignatures); return },
		func() (err error) { s.revocations, err = all(ctx, conn, src, exchange.DenominationRevocations); return },
		func() (err error) { s.signKeys, err = all(ctx, conn, src, exchange.SignKeys); return },
		func() (err error) { s.fees, err = all(ctx, conn, src, exchange.WireFees); return },
		func() (err error) { s.withdrawals, err = all(ctx, conn, src, exchange.Withdrawals); return },
		func() (err error) { closings, err = all(ctx, conn, src, exchange.Closings); return },
		func() (err error) { recoups, err = all(ctx, conn, src, exchange.Recoups); return },
		func() (err error) { credits, err = all(ctx, conn, src, exchange.Credits); return },
		func() error {
			return exchange.ReserveBalances.All(ctx, conn, src, func(b exchange.ReserveBalance) error {
				key, _ := play.ReserveKey(b.Serial)
				r := &reserve{serial: b.Serial, pub: b.Reserve, key: key, balance: b.Balance, expiration: b.Expiration, collection: b.Collection}
				s.reserves = append(s.reserves, r)
				known[r.pub] = r
				return nil
			})
		},
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for _, c := range credits {
		r := known[c.Reserve]
		r.origins, r.section, r.credited = append(r.origins, c.Sender), c.Section, max(r.credited, c.ExecutionDate)
	}
	for _, w := range s.withdrawals {
		known[w.Reserve].withdrawals++
	}
	for _, p := range recoups {
		known[p.Reserve].recoups++
	}
	for _, c := range closings {
		known[c.Reserve].closings++
	}
	return s, nil
}

func all[T any](ctx context.Context, conn *pgx.Conn, src exchange.Source, rel exchange.Relation[T]) ([]T, error) {
	var rows []T
	err := rel.All(ctx, conn, src, func(row T) error {
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// deed is a deed while it is being done. The first error ends it: everything that
// is asked of it afterwards does nothing.
type deed struct {
	*Scene
	ctx context.Context
	tx  pgx.Tx
	err error
}

func (d *deed) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// now is the exchange's clock.
func (d *deed) now() taler.Timestamp { return taler.TimestampOf(d.Play.Clock()) }

// ago is a time before now.
func (d *deed) ago(t time.Duration) taler.Timestamp { return taler.TimestampOf(d.Play.Clock().Add(-t)) }

// book notes what the deed changes in the books as they should be.
func (d *deed) book(r *reserve, amount, fee int64) {
	d.Bookings = append(d.Bookings, Booking{Reserve: r.pub, Amount: amount, Fee: fee})
}
