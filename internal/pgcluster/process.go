package pgcluster

// This file runs a program that does not outlive this process, however this process ends.

import (
	"context"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A process is a running program. The goroutine that started it stays on its thread until the program ends,
// because the kernel's promise to end the program with its parent is bound to the thread that started it.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the program has ended
	err    error         // its result, once exited is closed
}

func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		release, err := startTied(cmd)
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		release()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// result is what the ended program's exit status says; "exit status 0" for a program that ended well.
func (p *process) result() error {
	if p.err != nil {
		return p.err
	}
	return &exec.ExitError{ProcessState: p.cmd.ProcessState}
}

// wait returns when the program has ended, or kills it when ctx is cancelled.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		p.kill()
		return context.Cause(ctx)
	}
}

// quit asks PostgreSQL for an immediate shutdown, in which it ends its own children and frees its shared memory,
// and kills it if it takes longer than the patience given.
func (p *process) quit(patience time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // an error says that it has ended already
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.kill()
	}
}

// kill ends the program and the children that stayed in its process group.
func (p *process) kill() {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL) // an error says that it has ended already
	<-p.exited
}
