//go:build unix && !linux

package pgcluster

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// watch reads a pipe whose other end only the parent holds: a line says that the program has ended, and the end
// of the pipe without one says that the parent has.
const watch = `read -r line || kill -QUIT "$0"`

// startTied starts cmd together with a shell that asks it for an immediate shutdown when this process ends.
func startTied(cmd *exec.Cmd) (release func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watcher := exec.Command("/bin/sh", "-c", watch, strconv.Itoa(cmd.Process.Pid))
	watcher.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: cmd.SysProcAttr.Credential}
	pipe, err := watcher.StdinPipe()
	if err == nil {
		err = watcher.Start()
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("nothing would end %s with this process: %w", cmd.Path, err)
	}
	return func() {
		_, _ = pipe.Write([]byte("ended\n"))
		_ = pipe.Close()
		_ = watcher.Wait()
	}, nil
}
