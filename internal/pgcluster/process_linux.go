package pgcluster

import (
	"os/exec"
	"syscall"
)

// startTied starts cmd such that the kernel asks it for an immediate shutdown as soon as the calling thread ends,
// for instance because this process was killed. The caller keeps its thread until the program has ended.
func startTied(cmd *exec.Cmd) (release func(), err error) {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	return func() {}, cmd.Start()
}
