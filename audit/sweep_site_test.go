package audit

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pg"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sync"
)

// moment is when a row is changed.
type moment string

const (
	first moment = "first" // before the first replication and the first audit
	again moment = "again" // after them: the row was replicated and judged already
)

var moments = []moment{first, again}

// site is an exchange whose database is changed and put back, over and over, with
// the databases of those who may notice.
type site struct {
	*bench
	name      string
	untouched *keeper  // of the exchange's database
	state     *keeper  // of the auditor's own database
	copied    *keeper  // of the trusted copy
	external  Options  // of an audit of the trusted copy
	honest    []string // what an audit says of the untouched exchange: melts that customers abandoned
}

// unguard removes the constraints of the tables, as an operator who wants to change
// rows would, and keeps it quick to find a row by its serial.
const unguard = `do $$
declare c record;
begin
	for kind in 1..2 loop
		for c in
			select t.relname, k.conname from pg_constraint as k join pg_class as t on t.oid = k.conrelid
			where t.relnamespace = 'public'::regnamespace and (k.contype = 'f') = (kind = 1)
		loop
			execute format('alter table public.%I drop constraint %I', c.relname, c.conname);
		end loop;
	end loop;
end $$;`

// newSite makes everything that a sweep of an exchange needs, and replicates and
// audits it once.
func newSite(b *bench, name string) *site {
	b.Helper()
	s := &site{bench: b, name: name, untouched: newKeeper(b, b.exchange, "public"), state: newKeeper(b, b.auditor, "auditor")}
	s.copied = newKeeper(b, migratetest.NewDatabase(b, migrate.Exchange("public"), migrate.Replica("public")), "public", "auditor_sync")
	s.external = b.opt
	s.external.Exchange = connectTo(s.copied.url, pg.ReadOnly())
	b.opt.Internal = true

	s.untouched.keep(first)
	s.state.keep(first)
	s.copied.keep(first)
	s.untouched.exec(unguard)
	for _, table := range exchange.Layout2021().Tables {
		if table.Serial != "" {
			s.untouched.exec(fmt.Sprintf("create index on public.%s (%s)", table.Name, table.Serial))
		}
	}
	rep := b.audit()
	for _, f := range rep.Findings {
		s.honest = append(s.honest, foundLine(f))
	}
	if got := said(rep); len(got) > 1 || len(got) == 1 && !strings.HasPrefix(got[0], "C-16 ") {
		b.Fatalf("the audit of an honest exchange says %q", got)
	}
	s.state.keep(again)
	if got := s.externally(first); got != nil {
		b.Fatalf("replication and audit of an honest exchange say %q", got)
	}
	s.copied.keep(again)
	return s
}

// simulatedSite is the site of a small simulated exchange.
func simulatedSite(t testing.TB, seed uint64) *site {
	t.Helper()
	scenario := simulator.DefaultScenario(seed)
	scenario.Reserves = 16
	scenario.WithdrawalsPerReserve = 2
	s := simulated(t, scenario)
	s.revokeSignKey()
	s.prepareTransfers()
	return newSite(s.bench, "simulated")
}

// realSite is the site of a real exchange. Unless all of it is wanted, only the
// reserves of some recoups are left, of coins that were never melted, which is quicker.
// No order to the bank has been carried out yet.
func realSite(t testing.TB, folder string, whole bool) *site {
	t.Helper()
	b := real(t, folder)
	b.exec("update public.prewire set finished = false")
	if !whole {
		b.exec(`delete from public.reserves where reserve_uuid not in (
				select w.reserve_uuid from public.recoup as p join public.reserves_out as w using (reserve_out_serial_id)
				group by w.reserve_uuid
				having not bool_or(p.known_coin_id in (select old_known_coin_id from public.refresh_commitments))
				order by min(p.recoup_uuid) limit 4);
			delete from public.known_coins where known_coin_id not in (select known_coin_id from public.recoup);
			delete from public.wire_out;
			delete from public.prewire;
			update public.deposits set done = false`)
	} else {
		b.opt.Banks = realBank(t, folder)
	}
	return newSite(b, folder)
}

// revokeSignKey revokes the exchange's first sign key, unless it has revoked one.
func (s *stage) revokeSignKey() {
	s.Helper()
	var serial int64
	var pub taler.EddsaPublicKey
	raw := pub[:]
	err := s.conn.QueryRow(context.Background(), `select esk_serial, exchange_pub from public.exchange_sign_keys
		where not exists (select from public.signkey_revocations) order by 1 limit 1`).Scan(&serial, &raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return
	}
	if err != nil {
		s.Fatal(err)
	}
	signature := s.play.SignAsMaster(taler.SignKeyRevocation{ExchangePub: taler.EddsaPublicKey(raw)})
	s.exec("insert into public.signkey_revocations (esk_serial, master_sig) values ($1, $2)", serial, signature[:])
}

// prepareTransfers orders the exchange's transfers at its bank.
func (s *stage) prepareTransfers() {
	s.Helper()
	ctx := context.Background()
	rows, err := s.conn.Query(ctx, "select amount_val, amount_frac, wtid_raw, wire_target::jsonb ->> 'payto_uri' from public.wire_out")
	if err != nil {
		s.Fatal(err)
	}
	orders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (exchange.PaymentOrder, error) {
		order := exchange.PaymentOrder{Amount: taler.Amount{Currency: s.opt.Policy.Currency}, BaseURL: s.opt.Policy.BaseURL}
		wtid := order.WTID[:]
		err := row.Scan(&order.Amount.Value, &order.Amount.Fraction, &wtid, &order.Payee)
		order.WTID = [32]byte(wtid)
		return order, err
	})
	if err != nil {
		s.Fatal(err)
	}
	for _, order := range orders {
		s.exec("insert into public.prewire (type, buf) values ('iban', $1)", order.AppendBinary(nil))
	}
}

// tableName finds the tables in the statements of an audit.
var tableName = regexp.MustCompile(`"public"\.([a-z_]+)`)

// audited lists the tables that an internal audit of the exchange reads.
func (s *site) audited() []string {
	s.Helper()
	var counter pg.Counter
	opt := s.opt
	opt.Exchange = connectTo(s.exchange, pg.ReadOnly(), pg.Trace(&counter))
	s.state.restore(first, "")
	if _, err := Run(context.Background(), opt); err != nil {
		s.Fatal(err)
	}
	var tables []string
	for _, statement := range counter.Statements() {
		for _, match := range tableName.FindAllStringSubmatch(statement, -1) {
			if !slices.Contains(tables, match[1]) {
				tables = append(tables, match[1])
			}
		}
	}
	slices.Sort(tables)
	return tables
}

// step is one change, from which everything random about it follows.
type step struct {
	seed   uint64
	site   string
	table  string
	column string
	kind   kind
	moment moment
	try    int
}

func (s step) String() string {
	return fmt.Sprintf("%s, %s.%s, %s, %s, row %d", s.site, s.table, s.column, s.kind, s.moment, s.try)
}

func (s step) cell() cellName { return cellName{s.table + "." + s.column, s.kind, s.moment} }

func (s step) rng() *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, s)
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// change makes the change of a step; the caller has to undo it. It describes the row.
func (s *site) change(st step) (string, error) {
	table := exchange.Layout2021().Table(st.table)
	m := mutation{conn: s.untouched.conn, rng: st.rng(), table: table}
	if st.column != wholeRow {
		m.column = table.Column(st.column)
	}
	return m.make(st.kind)
}

// internally returns what an internal audit of the exchange's own database notices.
func (s *site) internally(when moment) []string {
	s.Helper()
	s.state.restore(when, "")
	return s.notices("-i", s.opt)
}

// violated is the exit status of a replication whose source violates an invariant.
const violated = 3

// externally returns what replication notices and, if it does not refuse to copy,
// what an external audit of the copy notices.
func (s *site) externally(when moment) []string {
	s.Helper()
	s.copied.restore(when, "")
	_, err := sync.Run(context.Background(), sync.Options{
		Source: sync.Connect(connectTo(s.exchange)), Destination: sync.Connect(connectTo(s.copied.url)), TerminateWhenSynchronized: true,
	})
	if v, ok := errors.AsType[*sync.Violation](err); ok {
		return []string{"sync: " + string(v.Rule)}
	}
	var status interface{ ExitStatus() int }
	if errors.As(err, &status) && status.ExitStatus() == violated {
		return []string{"sync"}
	}
	if err != nil {
		s.Fatal(err)
	}
	s.state.restore(when, "")
	return s.notices("", s.external)
}

// notices runs an audit and lists the checks that found something. Totals that
// are no amounts are noticed as well: the audit ends with a status of its own.
func (s *site) notices(suffix string, opt Options) []string {
	s.Helper()
	rep, err := Run(context.Background(), opt)
	if _, ok := errors.AsType[*ArithmeticError](err); ok {
		return []string{"arithmetic" + suffix}
	}
	if err != nil {
		s.Fatal(err)
	}
	var ids []string
	for _, f := range rep.Findings {
		if id := f.Check + suffix; f.Status != report.Resolved && !slices.Contains(s.honest, foundLine(f)) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
