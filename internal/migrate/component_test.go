package migrate

import (
	"testing"
	"testing/fstest"
)

func TestLoad(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		want  int
		err   string
	}{
		{"numbered", []string{"x/a-0001.sql", "x/a-0002.sql", "x/a-0003.sql", "y/b-0001.sql"}, 3, ""},
		{"a hole", []string{"x/a-0001.sql", "x/a-0003.sql"}, 0, "x/a-0003.sql should be a-0002.sql: patches are numbered from 0001 without a hole"},
		{"not from 0001", []string{"x/a-0002.sql"}, 0, "x/a-0002.sql should be a-0001.sql: patches are numbered from 0001 without a hole"},
		{"another prefix", []string{"x/a-0001.sql", "x/b-0002.sql"}, 0, "x/b-0002.sql should be a-0002.sql: patches are numbered from 0001 without a hole"},
		{"another file", []string{"x/a-0001.sql", "x/readme"}, 0, "x/readme should be a-0002.sql: patches are numbered from 0001 without a hole"},
		{"three digits", []string{"x/a-001.sql"}, 0, "x/a-001.sql should be a-0001.sql: patches are numbered from 0001 without a hole"},
		{"no folder", []string{"y/b-0001.sql"}, 0, "open x: file does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, f := range test.files {
				files[f] = &fstest.MapFile{Data: []byte("select '" + f + "'")}
			}
			got, err := Load(files, "x", "a")
			if len(got) != test.want || errorText(err) != test.err {
				t.Fatalf("got %d patches and error %q, want %d and %q", len(got), errorText(err), test.want, test.err)
			}
			for _, p := range got {
				if p.File != "x/"+p.Name+".sql" || p.Text != "select '"+p.File+"'" {
					t.Errorf("patch %+v does not hold its file", p)
				}
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestOwns(t *testing.T) {
	c := Component{Prefix: "audit"}
	for name, want := range map[string]bool{
		"audit-0001": true, "audit-9999": true, "audit-001": false, "audit-00001": false, "audit-000x": false,
		"auditor-0001": false, "audit-triggers-0001": false, "exchange-0001": false, "audit-": false, "": false,
	} {
		if got := c.owns(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestComponentsAreCompiledIn(t *testing.T) {
	for _, c := range []Component{Exchange("public"), Replica("public"), Auditor()} {
		for _, p := range c.Patches {
			if !c.owns(p.Name) || len(split(p.Text)) == 0 {
				t.Errorf("component %s: patch %s has another name or no statement", c.Name, p.Name)
			}
		}
	}
	if c := Exchange("public"); len(c.Patches) != 2 {
		t.Errorf("%d patches of layout 2021, want 2", len(c.Patches))
	}
}
