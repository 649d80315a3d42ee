package command

import "errors"

// Unavailable gives [StatusUnavailable] to an error that does not choose a status itself. It is for what a
// program does with databases, where whatever else goes wrong is a matter of theirs.
func Unavailable(err error) error {
	var own interface{ ExitStatus() int }
	if err == nil || errors.As(err, &own) {
		return err
	}
	return Exit{Status: StatusUnavailable, Err: err}
}
