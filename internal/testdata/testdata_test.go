package testdata

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// A fakeTest notes how it was ended, which ends its goroutine as it ends that of a real test.
type fakeTest struct {
	testing.TB
	ended string
}

func (f *fakeTest) end(how string, args ...any) {
	f.ended = how + ": " + fmt.Sprint(args...)
	runtime.Goexit()
}

func (f *fakeTest) Helper()           {}
func (f *fakeTest) Fatal(args ...any) { f.end("fatal", args...) }
func (f *fakeTest) Skip(args ...any)  { f.end("skip", args...) }

// run returns how f ended the test that it was given.
func run(test func(t testing.TB)) string {
	f := new(fakeTest)
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f.ended
}

func TestDir(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(root, "checkout", "internal", "package")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "checkout", "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inside)
	data := filepath.Join(root, "shared", "data")

	var got string
	dir := func(t testing.TB) { got = Dir(t) }
	t.Setenv("CI", "")
	if how := run(dir); how != "skip: no test data: "+data+" is not a folder" {
		t.Errorf("without the data: %s", how)
	}
	t.Setenv("CI", "true")
	if how := run(dir); how != "fatal: no test data: "+data+" is not a folder" {
		t.Errorf("without the data, CI=true: %s", how)
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if how := run(dir); how != "" || got != data {
		t.Errorf("got %q %s, want %q", got, how, data)
	}
}

func TestInfo(t *testing.T) {
	info := Info(t, "mixed")
	if info.Currency != "EUR" || info.AccountSection != "exchange-account-1" || len(info.Auditors) != 1 ||
		info.Rows["known_coins"] != 1478 || info.IdleReserveExpirationTime.Duration() != 45*time.Second ||
		info.AuditedAsOf.UTC().Format(time.RFC3339) != "2026-11-21T22:03:45Z" {
		t.Errorf("got %+v", info)
	}
}
