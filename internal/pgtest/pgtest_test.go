package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"auditor/internal/testdata"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(Main(m, Setting("work_mem", "7MB"))) }

func TestSetting(t *testing.T) {
	var got string
	if err := Connect(t, NewDatabase(t)).QueryRow(t.Context(), "show work_mem").Scan(&got); err != nil || got != "7MB" {
		t.Errorf("got %q, %v", got, err)
	}
}

// leakVariable makes TestLeak leave a goroutine behind.
const leakVariable = "PGTEST_TEST_LEAK"

func TestLeak(t *testing.T) {
	if os.Getenv(leakVariable) == "" {
		t.Skip("is run by TestMainFindsLeaks")
	}
	go func() { select {} }()
}

func TestMainFindsLeaks(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		environment string
		fails       bool
	}{
		{leakVariable + "=1", true},
		{leakVariable + "=", false},
	} {
		cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestLeak$")
		cmd.Env = append(os.Environ(), test.environment)
		output, err := cmd.CombinedOutput()
		if fails := err != nil && strings.Contains(string(output), "found unexpected goroutines"); fails != test.fails {
			t.Errorf("%s: %v\n%s", test.environment, err, output)
		}
	}
}

func count(t *testing.T, conn *pgx.Conn, query string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDatabasesAreSeparateAndDropped(t *testing.T) {
	var names []string
	t.Run("two databases", func(t *testing.T) {
		first, second := Connect(t, NewDatabase(t)), Connect(t, NewDatabase(t))
		names = append(names, first.Config().Database, second.Config().Database)
		if _, err := first.Exec(t.Context(), "create table public.only_here ()"); err != nil {
			t.Fatal(err)
		}
		if n := count(t, second, "select count(*) from pg_catalog.pg_tables where tablename = 'only_here'"); n != 0 {
			t.Errorf("a table of one database is seen in the other")
		}
	})
	conn := Connect(t, NewDatabase(t))
	for _, name := range names {
		if n := count(t, conn, "select count(*) from pg_catalog.pg_database where datname = '"+name+"'"); n != 0 {
			t.Errorf("database %s outlives its test", name)
		}
	}
}

func TestATestThatLeavesItsConnectionOpen(t *testing.T) {
	var leaked *pgx.Conn
	t.Run("leaks", func(t *testing.T) {
		var err error
		if leaked, err = pgx.Connect(t.Context(), NewDatabase(t)); err != nil {
			t.Fatal(err)
		}
	})
	if err := leaked.Ping(t.Context()); err == nil {
		t.Error("the connection survived its database")
	}
	_ = leaked.Close(t.Context())
}

func TestTemplateIsBuiltOnce(t *testing.T) {
	var built atomic.Int32
	build := func(ctx context.Context, url string) error {
		built.Add(1)
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "create table public.numbers as select generate_series(1, 3) as n")
		return err
	}
	t.Run("in parallel", func(t *testing.T) {
		for i := range 4 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				conn := Connect(t, NewDatabaseFrom(t, "numbers", build))
				if n := count(t, conn, "select count(*) from public.numbers"); n != 3 {
					t.Errorf("got %d rows, want 3", n)
				}
				if _, err := conn.Exec(t.Context(), "delete from public.numbers"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if n := built.Load(); n != 1 {
		t.Errorf("the template was built %d times", n)
	}
}

// A fakeTest is a test whose Fatalf only notes what it was told.
type fakeTest struct {
	testing.TB
	fatal string
}

func (f *fakeTest) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	panic(f)
}

func TestTemplateThatCannotBeBuilt(t *testing.T) {
	for range 2 {
		fake := &fakeTest{TB: t}
		func() {
			defer func() { _ = recover() }()
			NewDatabaseFrom(fake, "broken", func(context.Context, string) error { return errors.New("no such luck") })
		}()
		if want := "template broken: no such luck"; fake.fatal != want {
			t.Errorf("got %q, want %q", fake.fatal, want)
		}
	}
}

func TestLoadExchange(t *testing.T) {
	for _, folder := range []string{"small", "revoked-wired", "mixed"} {
		t.Run(folder, func(t *testing.T) {
			conn := Connect(t, LoadExchange(t, folder))
			for table, want := range testdata.Info(t, folder).Rows {
				if got := count(t, conn, "select count(*) from public."+pgx.Identifier{table}.Sanitize()); got != want {
					t.Errorf("%s has %d rows, want %d", table, got, want)
				}
			}
		})
	}
}

func TestDatabaseName(t *testing.T) {
	for in, want := range map[string]string{
		"t1_TestFoo/with space": "t1_testfoo_with_space",
		"t2_Grüße":              "t2_gr__e",
	} {
		if got := databaseName(in); got != want {
			t.Errorf("databaseName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := databaseName(string(make([]byte, 200))); len(got) != maxNameBytes {
		t.Errorf("a long name has %d bytes, want %d", len(got), maxNameBytes)
	}
}

func TestTemporaryFolderIsRespected(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	if got := inMemory(); got != "" {
		t.Errorf("with TMPDIR the cluster goes to %s", got)
	}
}
