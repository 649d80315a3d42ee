package audit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/confirmation"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// history is an exchange as time goes by. The simulator writes to the schema played;
// public is what is audited: the same rows, some of them corrupted, but for those that
// were collected as garbage, which are kept aside.
type history struct {
	*bench
	seed     uint64
	rng      *rand.Rand
	play     *simulator.Exchange
	conn     *pgx.Conn // to the exchange's database
	days     []int     // between the steps
	ends     time.Time // clock of the last step
	internal bool      // some audits are
	reported int       // confirmations that were imported
	audited  bool      // at least once
	story    []string
}

// layoutTables are the tables that the simulator fills.
func layoutTables() []*exchange.Table {
	return slices.DeleteFunc(exchange.Layout2021().Tables, func(t *exchange.Table) bool { return t.Name == "prewire" })
}

// stage plays the first days and prepares the databases. The tables that are audited
// have no constraints.
func (h *history) stage(t *testing.T, scenario simulator.Scenario) {
	t.Helper()
	url := migratetest.NewDatabase(t, migrate.Exchange("public"))
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	h.play, h.conn = play, pgtest.Connect(t, url)
	h.bench = newBench(t, url, simulatedPolicy(play), play.Clock())
	statements := []string{"alter schema public rename to played", "create schema public", "create schema copied", "create schema judged", "create schema collected", "create schema gone"}
	for _, table := range layoutTables() {
		statements = append(statements, fmt.Sprintf("create table public.%[1]s (like played.%[1]s); create table collected.%[1]s as table public.%[1]s", table.Name))
		if table.Serial == "" {
			continue
		}
		statements = append(statements, fmt.Sprintf("create index on public.%s (%s)", table.Name, table.Serial))
		for _, schema := range []string{"copied", "judged", "gone"} {
			statements = append(statements, fmt.Sprintf("create table %s.%s (serial bigint primary key)", schema, table.Name))
		}
	}
	h.do(statements...)
}

// do runs statements on the exchange's database.
func (h *history) do(statements ...string) {
	h.Helper()
	if _, err := h.conn.PgConn().Exec(context.Background(), strings.Join(statements, ";\n")).ReadAll(); err != nil {
		h.Fatalf("seed %d: %v in %s", h.seed, err, statements)
	}
}

func (h *history) tell(format string, args ...any) {
	h.story = append(h.story, fmt.Sprintf(format, args...))
}

func (h *history) advanceDays(days int) {
	h.Helper()
	if err := h.play.Advance(days); err != nil {
		h.Fatal(err)
	}
	h.opt.AsOf = h.play.Clock()
	h.tell("%d days later, on %s", days, h.opt.AsOf.Format(time.DateTime))
}

// write makes what was played visible, some transactions late unless all of it.
func (h *history) write(all bool) {
	h.Helper()
	var before, after []string
	for _, t := range layoutTables() {
		columns := strings.Join(quoted(t.ColumnNames()), ", ")
		if t.Serial == "" {
			after = append(after, fmt.Sprintf("insert into public.%[1]s (%[2]s) select %[2]s from played.%[1]s where not exists (select from public.%[1]s)", t.Name, columns))
			continue
		}
		if mutable := mutableColumns(t); mutable != nil {
			before = append(before, fmt.Sprintf("create temporary table was_%[1]s as table played.%[1]s", t.Name))
			for _, schema := range []string{"public", "collected"} {
				set := make([]string, len(mutable))
				same := make([]string, len(mutable))
				for i, c := range mutable {
					set[i], same[i] = fmt.Sprintf("%[1]s = n.%[1]s", c), fmt.Sprintf("p.%[1]s = w.%[1]s", c)
				}
				after = append(after, fmt.Sprintf("update %[1]s.%[2]s as p set %[3]s from played.%[2]s as n, pg_temp.was_%[2]s as w where p.%[4]s = n.%[4]s and p.%[4]s = w.%[4]s and %[5]s",
					schema, t.Name, strings.Join(set, ", "), t.Serial, strings.Join(same, " and ")))
			}
			after = append(after, "drop table pg_temp.was_"+t.Name)
		}
		// A row that refers to what was collected as garbage cannot be written any more.
		var orphan []string
		for _, fk := range t.ForeignKeys {
			if parent := exchange.Layout2021().Table(fk.Table); parent.Serial == fk.References {
				orphan = append(orphan, fmt.Sprintf("n.%s in (select serial from gone.%s)", fk.Column, fk.Table))
			}
		}
		if orphan != nil {
			after = append(after, fmt.Sprintf("insert into gone.%[1]s select %[2]s from played.%[1]s as n where %[2]s not in (select serial from copied.%[1]s) and (%[3]s) on conflict do nothing",
				t.Name, t.Serial, strings.Join(orphan, " or ")))
		}
		after = append(after, fmt.Sprintf(`insert into public.%[1]s (%[2]s) select %[2]s from played.%[1]s as n where %[3]s not in (select serial from copied.%[1]s)
				and %[3]s not in (select serial from gone.%[1]s) and %[3]s not in (select %[3]s from public.%[1]s where %[3]s is not null)`, t.Name, columns, t.Serial),
			fmt.Sprintf("insert into copied.%[1]s select %[2]s from played.%[1]s on conflict do nothing", t.Name, t.Serial))
	}
	h.do(before...)
	write := func() error { return h.play.Write(context.Background(), h.conn, "played") }
	if !all && h.rng.IntN(3) > 0 {
		write = func() error {
			late, err := h.play.WriteEarly(context.Background(), h.conn, "played")
			h.tell("late rows: %v", late)
			return err
		}
	}
	if err := write(); err != nil {
		h.Fatal(err)
	}
	h.do(after...)
}

func quoted(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = pgx.Identifier{name}.Sanitize()
	}
	return list
}

func mutableColumns(t *exchange.Table) (names []string) {
	for _, c := range t.Columns {
		if c.Mutable && (t.Name == "reserves" || t.Name == "deposits") {
			names = append(names, pgx.Identifier{c.Name}.Sanitize())
		}
	}
	return names
}

// unjudged is the condition on rows that no audit has judged.
func unjudged(t *exchange.Table) string {
	return fmt.Sprintf("%s not in (select serial from judged.%s)", t.Serial, t.Name)
}

// numberOutOfRange is PostgreSQL's code for a number that its column cannot hold.
const numberOutOfRange = "22003"

// corrupt changes a row that is new.
func (h *history) corrupt() {
	h.Helper()
	for range 20 {
		tables := layoutTables()
		m := mutation{conn: h.conn, rng: h.rng, table: tables[h.rng.IntN(len(tables))]}
		if m.table.Serial == "" || m.table.Name == "wire_fee" && h.audited {
			continue // rows are judged by the fees that were set; another one for the same time is K-10, and reopens nothing
		}
		m.among = unjudged(m.table)
		kinds := []kind{rowDuplicated}
		if i := h.rng.IntN(len(m.table.Columns) + 1); i < len(m.table.Columns) {
			m.column = &m.table.Columns[i]
			kinds = append(kindsOf(m.column), poisonsOf(m.column)...)
		}
		k := kinds[h.rng.IntN(len(kinds))]
		if m.column != nil && m.column.Role == exchange.Serial && (k == huge || k == negative) {
			continue // every later row would be a late one
		}
		h.do("begin")
		what, err := m.make(k)
		pgErr, refused := errors.AsType[*pgconn.PgError](err)
		if errors.Is(err, errNoRow) || refused && pgErr.Code == numberOutOfRange || err == nil && h.untimely(m) {
			h.do("rollback")
			continue
		}
		if err != nil {
			h.Fatalf("seed %d: %s %s: %v", h.seed, m.table.Name, k, err)
		}
		h.do("commit")
		column := wholeRow
		if m.column != nil {
			column = m.column.Name
		}
		h.tell("%s.%s: %s, %s", m.table.Name, column, k, what)
		return
	}
}

// untimely tells whether a new row has a date that is in the future now, and will not
// be when everything is audited at once, or refers to what was collected as garbage or
// may come later: a reference to nothing leaves a row out for good.
func (h *history) untimely(m mutation) (found bool) {
	h.Helper()
	if m.column == nil {
		return false
	}
	var condition string
	switch m.column.Name {
	case "execution_date", "timestamp", "exchange_timestamp", "wallet_timestamp":
		condition = fmt.Sprintf("%s between %d and %d", m.name(), h.opt.AsOf.Add(time.Minute).UnixMicro(), h.ends.Add(2*time.Hour).UnixMicro())
	default:
		for _, fk := range m.table.ForeignKeys {
			if parent := exchange.Layout2021().Table(fk.Table); fk.Column == m.column.Name && parent.Serial == fk.References {
				condition = fmt.Sprintf("%[1]s between 1 and 1000000 and %[1]s not in (select %[2]s from public.%[3]s)", m.name(), parent.Serial, parent.Name)
			}
		}
	}
	if condition == "" {
		return false
	}
	err := h.conn.QueryRow(context.Background(), fmt.Sprintf("select exists (select from public.%s where %s and %s)", m.table.Name, condition, m.among)).Scan(&found)
	if err != nil {
		h.Fatal(err)
	}
	return found
}

// judged notes that everything visible was judged.
func (h *history) judged() {
	h.Helper()
	var statements []string
	for _, t := range layoutTables() {
		if t.Serial != "" {
			statements = append(statements, fmt.Sprintf("insert into judged.%[1]s select %[2]s from public.%[1]s where %[2]s is not null on conflict do nothing", t.Name, t.Serial))
		}
	}
	h.do(statements...)
	h.audited = true
}

// report imports some of the confirmations that merchants have handed on, or all.
func (h *history) report(all bool) {
	h.Helper()
	count, confirmations := h.play.Confirmations()
	until := count
	if !all {
		until = h.reported + h.rng.IntN(count-h.reported+1)
	}
	h.confirm(func(yield func(*confirmation.Confirmation) error) error {
		i := 0
		for c := range confirmations {
			if i++; i > h.reported && i <= until {
				if err := yield(reported(&c)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	h.reported = until
}

// collect removes what the exchange may forget: denominations whose legal expiration
// has passed, empty reserves past their collection date, and what refers to them.
func (h *history) collect() {
	h.Helper()
	now := h.opt.AsOf.UnixMicro()
	var statements []string
	for _, t := range layoutTables() {
		var conditions []string
		switch t.Name {
		case "denominations":
			conditions = append(conditions, fmt.Sprintf("expire_legal between 0 and %d", now-1))
		case "reserves":
			conditions = append(conditions, fmt.Sprintf("gc_date between 0 and %d and current_balance_val = 0 and current_balance_frac = 0", now-1))
		}
		for _, fk := range t.ForeignKeys {
			if parent := exchange.Layout2021().Table(fk.Table); parent.Serial == fk.References {
				conditions = append(conditions, fmt.Sprintf("%s in (select serial from gone.%s)", fk.Column, fk.Table))
			}
		}
		if conditions != nil && t.Serial != "" {
			statements = append(statements, fmt.Sprintf(`with taken as (delete from public.%[1]s where %[2]s returning *), kept as (insert into collected.%[1]s select * from taken)
				insert into gone.%[1]s select %[3]s from taken on conflict do nothing`, t.Name, strings.Join(conditions, " or "), t.Serial))
		}
	}
	h.do(statements...)
	var rows int
	for _, t := range layoutTables() {
		var n int
		if err := h.conn.QueryRow(context.Background(), "select count(*) from collected."+t.Name).Scan(&n); err != nil {
			h.Fatal(err)
		}
		rows += n
	}
	h.tell("%d rows were collected so far", rows)
}

// uncollect brings back what was collected.
func (h *history) uncollect() {
	h.Helper()
	var statements []string
	for _, t := range layoutTables() {
		statements = append(statements, fmt.Sprintf("insert into public.%[1]s table collected.%[1]s", t.Name))
	}
	h.do(statements...)
}

// isCollected tells whether a row was collected before the last audit.
func (h *history) isCollected(table string, serial int64) (found bool) {
	h.Helper()
	err := h.conn.QueryRow(context.Background(), fmt.Sprintf("select exists (select from gone.%s where serial = $1)", table), serial).Scan(&found)
	if err != nil {
		h.Fatal(err)
	}
	return found
}

// forgotten lists the reserves that were collected.
func (h *history) forgotten() []string {
	h.Helper()
	rows, err := h.conn.Query(context.Background(), "select reserve_pub from collected.reserves")
	if err != nil {
		h.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var raw []byte
		err := row.Scan(&raw)
		if err != nil || len(raw) != len(taler.EddsaPublicKey{}) {
			return "", err
		}
		return taler.EddsaPublicKey(raw).String(), nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return list
}

// recall lets a new auditor know what only those can who were there: when revocations
// were first seen.
func (h *history) recall(auditor string) {
	h.Helper()
	was, is := pgtest.Connect(h.TB, auditor), pgtest.Connect(h.TB, h.auditor)
	for _, table := range []struct{ name, condition string }{
		{"exchanges", "true"},
		{"key_rows", "table_name in ('denomination_revocations', 'signkey_revocations')"},
	} {
		var rows string
		query := fmt.Sprintf("select coalesce(jsonb_agg(to_jsonb(t)), '[]') from auditor.%s as t where %s", table.name, table.condition)
		if err := was.QueryRow(context.Background(), query).Scan(&rows); err != nil {
			h.Fatal(err)
		}
		insert := fmt.Sprintf("insert into auditor.%[1]s overriding system value select * from jsonb_populate_recordset(null::auditor.%[1]s, $1)", table.name)
		if _, err := is.Exec(context.Background(), insert, rows); err != nil {
			h.Fatal(err)
		}
	}
}
