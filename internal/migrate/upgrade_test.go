package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// example is a component with the given scripts as its patches.
func example(scripts ...string) Component {
	c := Component{Name: "example", Prefix: "example", Schema: "public"}
	for i, script := range scripts {
		name := patchName("example", i+1)
		c.Patches = append(c.Patches, Patch{Name: name, File: "example/" + name + ".sql", Text: script})
	}
	return c
}

func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	return pgtest.Connect(t, pgtest.NewDatabase(t))
}

func exec(t *testing.T, conn *pgx.Conn, script string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

func upgrade(t *testing.T, conn *pgx.Conn, c Component, want ...string) {
	t.Helper()
	applied, err := Upgrade(t.Context(), conn, c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(applied, want) {
		t.Fatalf("applied %q, want %q", applied, want)
	}
}

func status(t *testing.T, conn *pgx.Conn, c Component) *State {
	t.Helper()
	s, err := Status(t.Context(), conn, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// unchanged runs f and fails if it made any transaction of the cluster write.
func unchanged(t *testing.T, conn *pgx.Conn, f func()) {
	t.Helper()
	next := func() (xid uint64) {
		err := conn.QueryRow(t.Context(), `select pg_snapshot_xmax(pg_current_snapshot())::text::bigint`).Scan(&xid)
		if err != nil {
			t.Fatal(err)
		}
		return xid
	}
	before := next()
	f()
	if after := next(); after != before {
		t.Errorf("%d transactions wrote", after-before)
	}
}

// objects lists everything in the database that a patch could have made.
func objects(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `select nspname || '.' from pg_namespace where nspname !~ '^pg_|^information_schema$'
		union all select attrelid::regclass || '.' || attname from pg_attribute join pg_class c on c.oid = attrelid
		where relnamespace::regnamespace::text !~ '^pg_|^information_schema$' and attnum > 0
		union all select oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text !~ '^pg_|^information_schema$'
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}

func TestUpgradeFromNothing(t *testing.T) {
	conn := connect(t)
	for _, c := range []Component{Exchange("public"), Replica("public"), Auditor()} {
		var names []string
		for _, p := range c.Patches {
			names = append(names, p.Name)
		}
		unchanged(t, conn, func() {
			if s := status(t, conn, c); s.Initialised() || s.Ours() || !slices.Equal(s.Pending, names) || s.Err() != nil {
				t.Errorf("before: %+v", s)
			}
		})
		upgrade(t, conn, c, names...)
		s := status(t, conn, c)
		if !s.Initialised() || !s.Ours() || len(s.Pending) > 0 || s.Err() != nil || s.Database != conn.Config().Database {
			t.Errorf("after: %+v", s)
		}
		for i, a := range s.Applied {
			sum := c.Patches[i].Sum()
			if a.Name != names[i] || a.Checksum != Matches || !bytes.Equal(a.Recorded, sum[:]) ||
				a.By != conn.Config().User || time.Since(a.At).Abs() > time.Minute {
				t.Errorf("registered %+v", a)
			}
		}
		if err := CheckCurrent(t.Context(), conn, c); err != nil {
			t.Error(err)
		}
	}
}

func TestUpgradeTwiceWritesNothing(t *testing.T) {
	conn := connect(t)
	upgrade(t, conn, Exchange("public"), "exchange-0001", "exchange-0002")
	unchanged(t, conn, func() {
		upgrade(t, conn, Exchange("public"))
		if err := CheckCurrent(t.Context(), conn, Exchange("public")); err != nil {
			t.Error(err)
		}
	})
}

func TestUpgradeContinues(t *testing.T) {
	conn := connect(t)
	scripts := []string{`create table :"schema".a ()`, `create table :"schema".b ()`, `create table :"schema".c ()`}
	upgrade(t, conn, example(scripts[:1]...), "example-0001")
	outdated, ok := errors.AsType[*OutdatedError](CheckCurrent(t.Context(), conn, example(scripts...)))
	if !ok || !outdated.Initialised || !slices.Equal(outdated.Pending, []string{"example-0002", "example-0003"}) {
		t.Errorf("got %+v", outdated)
	}
	if want := "lacks example-0002, example-0003: run auditor-dbinit upgrade"; !strings.HasSuffix(outdated.Error(), want) {
		t.Errorf("got %q, want %q", outdated, want)
	}
	upgrade(t, conn, example(scripts...), "example-0002", "example-0003")
	exec(t, conn, `select from public.a, public.b, public.c`)
}

func TestCheckCurrentOfAnEmptyDatabase(t *testing.T) {
	conn := connect(t)
	err := CheckCurrent(t.Context(), conn, Auditor())
	want := fmt.Sprintf("database %q is not initialised for component auditor: run auditor-dbinit init", conn.Config().Database)
	if _, ok := errors.AsType[*OutdatedError](err); !ok || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestChangedScriptIsRefused(t *testing.T) {
	conn := connect(t)
	upgrade(t, conn, example(`create table :"schema".a ()`), "example-0001")
	changed := example(`create table :"schema".a (x int)`, `create table :"schema".b ()`)
	unchanged(t, conn, func() {
		applied, err := Upgrade(t.Context(), conn, changed)
		e, ok := errors.AsType[*ChecksumError](err)
		if !ok || len(applied) > 0 {
			t.Fatalf("applied %q, error %v", applied, err)
		}
		theirs := example(`create table :"schema".a ()`).Patches[0].Sum()
		for _, want := range []string{"example-0001", fmt.Sprintf("%x", theirs), fmt.Sprintf("%x", changed.Patches[0].Sum())} {
			if !strings.Contains(e.Error(), want) {
				t.Errorf("%q does not name %s", e, want)
			}
		}
		if got := CheckCurrent(t.Context(), conn, changed); errorText(got) != e.Error() {
			t.Errorf("CheckCurrent says %v", got)
		}
	})
	if s := status(t, conn, changed); s.Applied[0].Checksum != Differs {
		t.Errorf("status says %q", s.Applied[0].Checksum)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	conn := connect(t)
	scripts := []string{`create table :"schema".a ()`, `create table :"schema".b ()`, `create table :"schema".c ()`}
	upgrade(t, conn, example(scripts...), "example-0001", "example-0002", "example-0003")
	unchanged(t, conn, func() {
		for _, known := range []int{1, 2} {
			_, err := Upgrade(t.Context(), conn, example(scripts[:known]...))
			e, ok := errors.AsType[*NewerError](err)
			if !ok || e.Found != "example-0003" || e.Known != patchName("example", known) {
				t.Errorf("knowing %d patches: %v", known, err)
			} else if !strings.Contains(e.Error(), e.Found) || !strings.Contains(e.Error(), e.Known) {
				t.Errorf("%q does not name both", e)
			}
			if got := CheckCurrent(t.Context(), conn, example(scripts[:known]...)); errorText(got) != errorText(err) {
				t.Errorf("CheckCurrent says %v", got)
			}
		}
	})
}

func TestMissingPatchBelowAnotherIsRefused(t *testing.T) {
	conn := connect(t)
	c := example(`create table :"schema".a ()`, `create table :"schema".b ()`)
	upgrade(t, conn, c, "example-0001", "example-0002")
	exec(t, conn, `delete from _v.patches where patch_name = 'example-0001'`)
	unchanged(t, conn, func() {
		_, err := Upgrade(t.Context(), conn, c)
		if e, ok := errors.AsType[*GapError](err); !ok || e.Missing != "example-0001" || e.Applied != "example-0002" {
			t.Errorf("got %v", err)
		}
	})
}

// originalRecord is the record of patches as the exchange's own tools make it.
const originalRecord = `create schema _v; create table _v.patches (patch_name text primary key,
	applied_tsz timestamptz not null default now(), applied_by text not null, requires text[], conflicts text[]);`

func TestPatchesOfTheOriginalTools(t *testing.T) {
	conn := connect(t)
	exec(t, conn, originalRecord+`insert into _v.patches (patch_name, applied_by) values
		('exchange-0001', 'exchange'), ('exchange-0002', 'exchange'), ('auditor-0001', 'auditor'), ('auditor-triggers-0001', 'auditor')`)
	unchanged(t, conn, func() {
		upgrade(t, conn, Exchange("public"))
		if err := CheckCurrent(t.Context(), conn, Exchange("public")); err != nil {
			t.Error(err)
		}
		s := status(t, conn, Exchange("public"))
		if len(s.Applied) != 2 || s.Ours() {
			t.Fatalf("got %+v", s)
		}
		for _, a := range s.Applied {
			if a.Checksum != Unrecorded || a.By != "exchange" {
				t.Errorf("got %+v", a)
			}
		}
	})
	upgrade(t, conn, example(`create table :"schema".a ()`), "example-0001")
	if s := status(t, conn, Exchange("public")); s.Applied[0].Checksum != Unrecorded {
		t.Errorf("with room for checksums: %+v", s.Applied[0])
	}
	if s := status(t, conn, example(`create table :"schema".a ()`)); s.Applied[0].Checksum != Matches {
		t.Errorf("got %+v", s.Applied[0])
	}
}

func TestTablesOfTheOriginalToolsAreNotConvertedUnasked(t *testing.T) {
	conn := connect(t)
	exec(t, conn, originalRecord+`insert into _v.patches (patch_name, applied_by) values ('exchange-0001', 'exchange');
		create table public.reserves (reserve_pub bytea primary key); create table public.prewire (prewire_uuid bigserial)`)
	before := objects(t, conn)
	_, err := Upgrade(t.Context(), conn, Exchange("public"))
	if e, ok := errors.AsType[*ForeignTablesError](err); !ok || e.Patch != "exchange-0002" || e.Schema != "public" {
		t.Fatalf("got %v", err)
	}
	if after := objects(t, conn); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestFailingPatch(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"syntax error", "create table :\"schema\".b ();\n\n-- é\ncreate table\n  :\"schema\".c (\n    é text,\n    primary ky);",
			`example/example-0002.sql:7: syntax error at or near "ky" (SQLSTATE 42601)`},
		{"an error without a position", "create table :\"schema\".b ();\n\n-- twice\ncreate table\n  :\"schema\".b ();",
			`example/example-0002.sql:4: relation "b" already exists (SQLSTATE 42P07)`},
		{"an exception", "create table :\"schema\".b ();\ndo $$\nbegin\n  raise exception 'no' using detail = 'because', hint = 'go away';\nend $$;",
			`example/example-0002.sql:2: no (SQLSTATE P0001); because; hint: go away`},
		{"a name without schema", "create table :\"schema\".b ();\ncreate table c ();",
			`example/example-0002.sql:2: no schema has been selected to create in (SQLSTATE 3F000)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t)
			c := example(`create table :"schema".a ()`, test.script, `create table :"schema".d ()`)
			upgrade(t, conn, example(c.Patches[0].Text), "example-0001")
			before := objects(t, conn)
			applied, err := Upgrade(t.Context(), conn, c)
			if len(applied) > 0 || errorText(err) != test.want {
				t.Errorf("applied %q, got\n%v, want\n%s", applied, err, test.want)
			}
			if after := objects(t, conn); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			if s := status(t, conn, c); len(s.Applied) != 1 {
				t.Errorf("%d patches are registered", len(s.Applied))
			}
		})
	}
}

func TestFailingFirstPatchLeavesAnEmptyDatabase(t *testing.T) {
	conn := connect(t)
	before := objects(t, conn)
	if _, err := Upgrade(t.Context(), conn, example(`select 1/0`)); err == nil {
		t.Fatal("a patch that cannot be applied was")
	}
	if after := objects(t, conn); after != before {
		t.Errorf("left behind:\n%s", after)
	}
}

func TestConcurrentUpgrades(t *testing.T) {
	url := pgtest.NewDatabase(t)
	c := example(`create table :"schema".a (); select pg_sleep(0.2)`, `create table :"schema".b ()`, `create table :"schema".c ()`)
	var applied []string
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		conn := pgtest.Connect(t, url)
		wg.Go(func() {
			names, err := Upgrade(t.Context(), conn, c)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			applied = append(applied, names...)
		})
	}
	wg.Wait()
	slices.Sort(applied)
	if want := []string{"example-0001", "example-0002", "example-0003"}; !slices.Equal(applied, want) {
		t.Errorf("applied %q, want each once", applied)
	}
}

func TestUpgradeStopsWaitingWhenCancelled(t *testing.T) {
	url := pgtest.NewDatabase(t)
	holder := pgtest.Connect(t, url)
	if _, err := holder.Exec(t.Context(), `select pg_advisory_lock($1)`, lockKey); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Upgrade(ctx, pgtest.Connect(t, url), example(`create table :"schema".a ()`))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestCheckCurrentNeedsOnlyToRead(t *testing.T) {
	conn := connect(t)
	upgrade(t, conn, Exchange("public"), "exchange-0001", "exchange-0002")
	exec(t, conn, `set default_transaction_read_only = on; set search_path = ''`)
	if err := CheckCurrent(t.Context(), conn, Exchange("public")); err != nil {
		t.Error(err)
	}
}
