package migrate

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Scripts of the exchange's own tools register themselves with these functions and
// rely on their exceptions.
func TestVersioningFunctions(t *testing.T) {
	conn := connect(t)
	upgrade(t, conn, example(`create table :"schema".a ()`), "example-0001")
	for _, test := range []struct{ statement, exception string }{
		{`select _v.register_patch('a', null, null)`, ""},
		{`select _v.register_patch('a')`, "patch a is already applied"},
		{`select _v.register_patch('b', array['a', 'example-0001'])`, ""},
		{`select _v.register_patch('c', array['a', 'z', 'y'])`, "patch c requires y, which is not applied"},
		{`select _v.register_patch('c', null, array['x', 'b'])`, "patch c conflicts with b, which is applied"},
		{`select _v.unregister_patch('a')`, "patch a is required by b"},
		{`select _v.unregister_patch('b')`, ""},
		{`select _v.unregister_patch('a')`, ""},
		{`select _v.unregister_patch('a')`, "patch a is not applied"},
		{`select _v.assert_patch_is_applied('example-0001')`, ""},
		{`select _v.assert_patch_is_applied('a')`, "patch a is not applied"},
		{`select _v.assert_user_is_superuser()`, ""},
		{`select _v.assert_user_is_one_of('nobody', current_user)`, ""},
		{`select _v.assert_user_is_one_of('nobody', 'somebody')`, "user " + conn.Config().User + " is none of: nobody, somebody"},
		{`select _v.assert_user_is_not_superuser()`, "user " + conn.Config().User + " is a superuser"},
		{`create role plain; set role plain`, ""},
		{`select _v.register_patch('d')`, "permission denied for schema _v"},
		{`reset role; grant usage on schema _v to plain; set role plain`, ""},
		{`select _v.assert_user_is_superuser()`, "user plain is not a superuser"},
		{`select _v.assert_user_is_not_superuser()`, ""},
		{`reset role; drop owned by plain; drop role plain`, ""},
	} {
		_, err := conn.PgConn().Exec(t.Context(), test.statement).ReadAll()
		var got string
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
			got = pgErr.Message
		}
		if got != test.exception {
			t.Errorf("%s: got %q, want %q", test.statement, got, test.exception)
		}
	}
	var name, by string
	var requires, conflicts []string
	if _, err := conn.Exec(t.Context(), `select _v.register_patch('a'), _v.register_patch('b', array['a'], array['q'])`); err != nil {
		t.Fatal(err)
	}
	err := conn.QueryRow(t.Context(), `select patch_name, applied_by, requires, conflicts from _v.patches where patch_name = 'b'`).
		Scan(&name, &by, &requires, &conflicts)
	if err != nil || by != conn.Config().User || len(requires) != 1 || requires[0] != "a" || len(conflicts) != 1 || conflicts[0] != "q" {
		t.Errorf("registered by %s, requires %q, conflicts %q (%v)", by, requires, conflicts, err)
	}
}
