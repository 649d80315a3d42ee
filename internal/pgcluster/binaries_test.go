package pgcluster

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// install makes empty programs that look like those of a PostgreSQL server.
func install(t *testing.T, dir string, programs ...string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindBinaries(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }

	explicit := install(t, in("explicit"), "initdb", "postgres")
	clientOnly := install(t, in("client"), "psql", "initdb")
	onPath := install(t, in("path"), "initdb", "postgres")
	debian := in("debian", "*", "bin")
	newest := install(t, in("debian", "15", "bin"), "initdb", "postgres")
	install(t, in("debian", "9.6", "bin"), "initdb", "postgres")
	install(t, in("debian", "17", "bin"), "psql")
	install(t, in("notprogram", "initdb"))
	install(t, in("notprogram", "postgres"))

	linked := install(t, in("linked"))
	for _, program := range []string{"initdb", "postgres"} {
		if err := os.Symlink(filepath.Join(newest, program), filepath.Join(linked, program)); err != nil {
			t.Fatal(err)
		}
	}
	asked := install(t, in("asked"))
	script := "#!/bin/sh\n[ \"$1\" = --bindir ] && echo " + explicit + "\n"
	if err := os.WriteFile(filepath.Join(asked, "pg_config"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}

	for _, test := range []struct {
		name            string
		bindir          string
		path            []string
		pattern         string
		want            string
		missingMentions string
	}{
		{name: "PG_BINDIR comes first", bindir: explicit, path: []string{onPath}, pattern: debian, want: explicit},
		{name: "PG_BINDIR without a server is passed over", bindir: clientOnly, path: []string{onPath}, pattern: debian, want: onPath},
		{name: "pg_config precedes the path", path: []string{onPath, asked}, pattern: debian, want: explicit},
		{name: "the path precedes Debian's folders", path: []string{clientOnly, onPath}, pattern: debian, want: onPath},
		{name: "folders are not programs", path: []string{in("notprogram"), onPath}, pattern: debian, want: onPath},
		{name: "links are followed", path: []string{linked}, pattern: in("none", "*", "bin"), want: newest},
		{name: "newest of Debian's that has a server", pattern: debian, want: newest},
		{name: "nothing", bindir: clientOnly, path: []string{clientOnly}, pattern: in("none", "*", "bin"), missingMentions: "PG_BINDIR=" + clientOnly},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := map[string]string{"PG_BINDIR": test.bindir, "PATH": strings.Join(test.path, ":")}
			got, err := findBinaries(func(name string) string { return env[name] }, test.pattern)
			if test.missingMentions != "" {
				if _, ok := errors.AsType[*NotInstalledError](err); !ok {
					t.Fatalf("got %q, %v; want a NotInstalledError", got, err)
				}
				for _, part := range []string{test.missingMentions, "apt-get install postgresql"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("error %q does not mention %q", err, part)
					}
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestNewestFirst(t *testing.T) {
	root := t.TempDir()
	for _, version := range []string{"9.6", "10", "9.10", "15", "100"} {
		install(t, filepath.Join(root, version, "bin"))
	}
	var got []string
	for _, dir := range newestFirst(filepath.Join(root, "*", "bin")) {
		got = append(got, filepath.Base(filepath.Dir(dir)))
	}
	if want := []string{"100", "15", "10", "9.10", "9.6"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
