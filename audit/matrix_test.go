package audit

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/catalogue"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/report"
)

var (
	matrixSeed = flag.Uint64("seed", 0, "commit each entry of the catalogue at this exchange only; 0: at those that the tests use")
	matrixFile = flag.String("matrix", "", "write the table of frauds and what finds them to this file")
	updateDocs = flag.Bool("update", false, "rewrite what docs/frauds.md says of each entry")
)

// TestMatrix commits each entry of the catalogue at several exchanges, before the
// first and between two audits. The audit then makes exactly the findings that
// the entry expects of the checks that there are, with the amounts, and no other;
// and its figures are the ledger's, with what the deed changed in the true books.
//
// Half of the audits are internal: each entry meets both kinds at both times.
func TestMatrix(t *testing.T) {
	used := []uint64{1, 2}
	if *matrixSeed != 0 {
		used = []uint64{*matrixSeed}
	}
	entries := catalogue.Entries()
	if testing.Short() {
		used, entries = used[:1], sample(entries)
	}
	var theatres []*theatre
	for _, seed := range used {
		theatres = append(theatres, newTheatre(t, seed))
	}
	p := &program{performed: make(map[string]performance)}
	if *matrixSeed == 0 && !testing.Short() {
		t.Cleanup(func() { p.publish(t, entries) })
	}
	for _, e := range entries {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			for _, th := range theatres {
				p.add(e.Name, th.perform(t, e))
			}
		})
	}
}

// theatre is a simulated exchange on which entries are performed, several at a
// time. It is rebuilt after each performance, which takes less time than a new one.
type theatre struct {
	seed     uint64
	play     *simulator.Exchange
	template func(context.Context, string) error
	honest   []string    // what an audit says before anything was done: melts that customers abandoned
	stages   chan *bench // idle ones
}

// shortScenario is as small as an exchange can be that gives each culprit an
// occasion.
func shortScenario(seed uint64) simulator.Scenario {
	s := simulator.DefaultScenario(seed)
	s.Days, s.Reserves, s.WithdrawalsPerReserve = 76, 12, 3
	s.KeySeed = 1
	s.RevokeDenominationAfter = 46 * 24 * time.Hour
	return s
}

func newTheatre(t *testing.T, seed uint64) *theatre {
	t.Helper()
	play, err := simulator.New(shortScenario(seed))
	if err != nil {
		t.Fatal(err)
	}
	th := &theatre{seed: seed, play: play, stages: make(chan *bench, runtime.GOMAXPROCS(0))}
	th.template = func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if _, err := migrate.Upgrade(ctx, conn, migrate.Exchange("public")); err != nil {
			return err
		}
		if err := play.Write(ctx, conn, "public"); err != nil {
			return err
		}
		_, err = conn.PgConn().Exec(ctx, keep("public")).ReadAll()
		return err
	}
	for range cap(th.stages) {
		b := newBench(t, th.copy(t), simulatedPolicy(play), play.Clock())
		b.opt.Banks = simulatedBanks(play)
		b.confirmPlayed(play)
		rep, ledger := b.audit(), play.Ledger().Coins
		if got := said(rep); !slices.Equal(got, []string{saidOfHanging(ledger.Hanging, ledger.HangingMelts)}) {
			t.Fatalf("seed %d: the audit of the honest exchange says %q", seed, got)
		}
		th.honest = nil
		for _, f := range rep.Findings {
			th.honest = append(th.honest, foundLine(f))
		}
		b.run(b.auditor, keep("auditor"))
		th.stages <- b
	}
	return th
}

func (th *theatre) copy(t *testing.T) string {
	t.Helper()
	return pgtest.NewDatabaseFrom(t, fmt.Sprintf("matrix-%d", th.seed), th.template)
}

// keep makes a copy of all rows of a schema and of where its sequences are.
func keep(schema string) string {
	return strings.ReplaceAll(`create schema kept;
		create table kept.sequences as select sequencename::text, last_value from pg_sequences where schemaname = 'SCHEMA';
		create table kept.tables as
			select c.relname::text as tablename, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
			from pg_class as c
			join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
			where c.relkind = 'r' and c.relnamespace = to_regnamespace('SCHEMA')
			group by c.relname;
		do $$ declare t text; c text; begin
			for t, c in select tablename, columns from kept.tables loop
				execute format('create table kept.%1$I as select %2$s from "SCHEMA".%1$I', t, c);
			end loop;
		end $$`, "SCHEMA", schema)
}

// empty removes all rows of a schema.
func empty(schema string) string {
	return strings.ReplaceAll(`set session_replication_role = replica;
		do $$ declare t text; begin
			for t in select tablename from kept.tables loop execute format('delete from "SCHEMA".%I', t); end loop;
		end $$;`, "SCHEMA", schema)
}

// recall puts the rows back that were kept.
func recall(schema string) string {
	return empty(schema) + strings.ReplaceAll(`
		do $$ declare t text; c text; n bigint; begin
			for t, c in select tablename, columns from kept.tables loop
				execute format('insert into "SCHEMA".%1$I (%2$s) overriding system value table kept.%1$I', t, c);
			end loop;
			for t, n in select sequencename, last_value from kept.sequences loop
				perform setval(format('"SCHEMA".%I', t), coalesce(n, 1), n is not null);
			end loop;
		end $$`, "SCHEMA", schema)
}

// perform commits an entry and audits, once as if for the first time and once as
// if the exchange had been audited before.
func (th *theatre) perform(t *testing.T, e catalogue.Entry) performance {
	ctx := context.Background()
	stage := <-th.stages
	defer func() { th.stages <- stage }()
	b := *stage
	b.TB = t
	b.run(b.exchange, recall("public"))
	url := b.exchange
	conn := pgtest.Connect(t, url)
	scene, err := catalogue.Open(ctx, conn, "public", th.play)
	if err != nil {
		t.Fatal(err)
	}
	replay := fmt.Sprintf("replay with: go test ./audit -run 'TestMatrix/%s$' -seed %d", e.Name, th.seed)
	expected, err := e.Commit(ctx, scene)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", th.seed, err, replay)
	}
	done := performance{expected: expected, seed: th.seed}
	for _, at := range []catalogue.When{catalogue.Before, catalogue.Between} {
		if !e.When.Meets(at) {
			continue
		}
		internal := (th.seed%2 == 0) == (at == catalogue.Before)
		if e.When == catalogue.Either && !anyBuilt(expected) && internal {
			continue // what no check finds yet must be silent, which one audit shows as well
		}
		state := empty("auditor")
		if at == catalogue.Between {
			state = recall("auditor")
		}
		b.run(b.auditor, state)
		b.confirmPlayed(th.play, scene.Confirmations...)
		opt := b.opt
		opt.Internal, opt.AsOf = internal, opt.AsOf.Add(scene.Delay)
		opt.Banks = staged(scene)
		rep, err := Run(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		done.found = append(done.found, rep.Findings...)
		if wrong := slices.Concat(th.discrepancies(rep, expected, at, internal), th.misstated(rep, scene, expected, at), b.unbalanced(), unproved(rep)); wrong != nil {
			t.Errorf("seed %d, %s, internal %v:\n%s\n%s", th.seed, at, internal, strings.Join(wrong, "\n"), replay)
		}
	}
	if scene.Undo != "" {
		b.run(url, recall("public")+";"+scene.Undo)
	}
	return done
}

// staged are the banks as the deed left them.
func staged(scene *catalogue.Scene) []bank.Account {
	var accounts []fakebank.Account
	for _, a := range scene.Bank {
		account := fakebank.Account{Name: a.Section, PaytoURI: a.PaytoURI}
		for _, c := range a.Credits {
			account.Incoming = append(account.Incoming, fakebank.Credit(c))
		}
		for _, d := range a.Debits {
			account.Outgoing = append(account.Outgoing, fakebank.Debit(d))
		}
		accounts = append(accounts, account)
	}
	return banksOf(accounts)
}

// built tells whether there is a check with that id, and whether it needs an
// internal audit.
func built(id string) (exists, internal bool) {
	for _, r := range rules() {
		if r.id == id {
			return true, r.internal
		}
	}
	return false, false
}

// anyBuilt tells whether any check that there is makes a finding, or none is to be
// made at all.
func anyBuilt(expected []catalogue.Expectation) bool {
	return len(expected) == 0 || slices.ContainsFunc(expected, func(x catalogue.Expectation) bool {
		exists, _ := built(x.Check)
		return exists
	})
}

// discrepancies lists the findings that are missing and those that are too many.
func (th *theatre) discrepancies(rep *report.Report, expected []catalogue.Expectation, at catalogue.When, internal bool) []string {
	var want, got []string
	for _, x := range expected {
		if exists, insider := built(x.Check); exists && (internal || !insider && !x.Internal) && x.When.Meets(at) {
			want = append(want, expectedLine(x))
		}
	}
	for _, f := range rep.Findings {
		if line := foundLine(f); f.Area != areaSolvency && !slices.Contains(th.honest, line) {
			got = append(got, line)
		}
	}
	var wrong []string
	for _, line := range want {
		if i := slices.Index(got, line); i >= 0 {
			got = slices.Delete(got, i, i+1)
		} else {
			wrong = append(wrong, "not found: "+line)
		}
	}
	for _, line := range got {
		wrong = append(wrong, "found: "+line)
	}
	slices.Sort(wrong)
	return wrong
}

func expectedLine(x catalogue.Expectation) string {
	return line(x.Check, x.Table, x.Serial, x.Subject, x.Loss, x.Exposure, x.Gain)
}

func foundLine(f report.Finding) string {
	var serial int64
	if f.Serial != nil {
		serial = *f.Serial
	}
	var amounts [3]taler.Amount
	for i, a := range []*taler.Amount{f.Loss, f.Exposure, f.Gain} {
		if a != nil {
			amounts[i] = *a
		}
	}
	return line(f.Check, f.Table, serial, f.Subject, amounts[0], amounts[1], amounts[2])
}

func line(check, table string, serial int64, subject string, loss, exposure, gain taler.Amount) string {
	text := check + " " + table
	if serial != 0 {
		text += fmt.Sprintf(" row %d", serial)
	}
	if subject != "" {
		text += " " + subject
	}
	for _, part := range []struct {
		name   string
		amount taler.Amount
	}{{"loss", loss}, {"exposure", exposure}, {"gain", gain}} {
		if part.amount.Currency != "" {
			text += fmt.Sprintf(" %s %v", part.name, part.amount)
		}
	}
	return text
}

// misstated compares the figures with the ledger and the bookings of the deed.
func (th *theatre) misstated(rep *report.Report, scene *catalogue.Scene, expected []catalogue.Expectation, at catalogue.When) []string {
	ledger := th.play.Ledger()
	balances := make(map[taler.EddsaPublicKey]int64)
	for _, r := range ledger.Reserves {
		balances[r.Key] = steps(r.Balance)
	}
	fees := steps(ledger.WithdrawFeeIncome)
	for _, b := range scene.Bookings {
		if b.When.Meets(at) {
			balances[b.Reserve] += b.Amount
			fees += b.Fee
		}
	}
	want := map[string]int64{"reserves total_withdraw_fee_income": fees}
	want["deposits total_deposit_confirmations"] = steps(ledger.Confirmations.Total)
	for i := range scene.Confirmations {
		want["deposits total_deposit_confirmations"] += steps(scene.Confirmations[i].AmountWithoutFee)
	}
	want["deposits missing_deposit_confirmation_total"] = 0
	for _, x := range expected {
		if x.Table == confirmations && x.When.Meets(at) && x.Check != "D-06" {
			want["deposits missing_deposit_confirmation_total"] += steps(x.Loss) + steps(x.Exposure)
		}
	}
	for _, balance := range balances {
		want["reserves total_escrow_balance"] += max(balance, 0)
		want["reserves total_overdraft"] += max(-balance, 0)
	}
	wrong := contradictions(rep)
	for _, f := range rep.Figures {
		if w, ok := want[f.Area+" "+f.Name]; ok && steps(f.Amount) != w {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %d steps of 10^-8", f.Name, f.Amount, w))
		}
	}
	return append(wrong, th.misstatedCoins(rep)...)
}

// misstatedCoins compares the figures of coins with the ledger, unless the deed did
// something to coins.
func (th *theatre) misstatedCoins(rep *report.Report) []string {
	ledger := th.play.Ledger()
	for _, p := range rep.Population {
		if p.Area == areaCoins && p.Total != ledger.Tables[p.Table].Rows {
			return nil
		}
	}
	for _, f := range rep.Findings {
		if (f.Area == areaCoins || f.Table == exchange.Denominations.Table) && !slices.Contains(th.honest, foundLine(f)) {
			return nil
		}
	}
	want := expectedFigures(ledger)
	var wrong []string
	for _, f := range rep.Figures {
		if w := want[f.Area+" "+f.Name]; f.Area == areaCoins && f.Amount != w {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", f.Name, f.Amount, w))
		}
	}
	return wrong
}

func steps(a taler.Amount) int64 { return int64(a.Value)*taler.FractionBase + int64(a.Fraction) }
