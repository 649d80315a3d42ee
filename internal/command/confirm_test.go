package command

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// confirming runs an action of a program with the flag --yes.
func confirming(t *testing.T, args []string, do func(*cli.Context) error) (status int, stderr string) {
	t.Helper()
	var out, messages bytes.Buffer
	app := New("x", "test", "1", &out, &messages)
	app.Reader = strings.NewReader("")
	app.Flags = []cli.Flag{YesFlag("NAME", "is the name")}
	app.Action = do
	status = Run(t.Context(), app, append([]string{"x"}, args...))
	return status, messages.String()
}

func TestConfirm(t *testing.T) {
	for _, test := range []struct {
		name, want string
		args       []string
		status     int
	}{
		{"confirmed", "", []string{"--yes", "db"}, 0},
		{"another name", `--yes says "dx", but this is about the database "db"`, []string{"--yes", "dx"}, 1},
		{"nobody to ask", `in a script add --yes "db"`, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stderr := confirming(t, test.args, func(c *cli.Context) error { return Confirm(c, "the database", "db") })
			if status != test.status || !strings.Contains(stderr, test.want) {
				t.Errorf("status %d, %s", status, stderr)
			}
		})
	}
}

func TestAsk(t *testing.T) {
	for answer, want := range map[string]int{"db\n": 0, " db \n": 0, "db": 0, "d\n": 1, "\n": 1, "": 1, "yes\n": 1} {
		status, stderr := confirming(t, nil, func(c *cli.Context) error { return ask(c, strings.NewReader(answer), "the name", "db") })
		if status != want || !strings.Contains(stderr, "To go on type the name, db: ") {
			t.Errorf("%q: status %d, %s", answer, status, stderr)
		}
	}
}

// A question does not outlive the program's patience for it.
func TestAskEndsWithTheContext(t *testing.T) {
	in, never := io.Pipe()
	status, _ := confirming(t, nil, func(c *cli.Context) error {
		ctx, cancel := context.WithCancel(c.Context)
		cancel()
		c.Context = ctx
		return ask(c, in, "the name", "db")
	})
	if status == 0 {
		t.Error("nobody answered, and it went on")
	}
	never.Close() // lets the reader go
}
