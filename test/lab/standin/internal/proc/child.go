// Package proc runs the real parts of a node as children of the one k3s process.
package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Child is one real part: a program with its arguments.
type Child struct {
	Name string
	Path string
	Args []string
	Env  []string
	// OnLine, when set, sees every line the child writes; the line is still logged.
	OnLine func(line string)
	// Grace is how long the child may take to end after SIGTERM; default 5 s.
	Grace time.Duration
}

// Run starts the child in a process group of its own and returns when it has ended: nil when ctx ended first, else an
// error that says how it ended. The kernel kills the child when k3s itself dies, even by SIGKILL, as the parts of the
// real one would die with their process.
func (c Child) Run(ctx context.Context) error {
	// The parent-death signal is tied to the thread that forked, so that thread must live as long as the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	scanned := func() {}
	if c.OnLine != nil {
		scanned = c.scanOutput(cmd)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s did not start: %w", c.Name, err)
	}
	log.Printf("started %s (pid %d)", c.Name, cmd.Process.Pid)

	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		scanned()
		ended <- err
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("%s ended: %w", c.Name, orClean(err))
	case <-ctx.Done():
	}
	c.stop(cmd.Process.Pid, ended)
	return nil
}

// Keep runs the child until ctx ends and starts it again whenever it ends by itself.
func (c Child) Keep(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.Run(ctx); err != nil {
			log.Printf("%v; starting it again", err)
			Sleep(ctx, time.Second)
		}
	}
}

func (c Child) stop(pid int, ended <-chan error) {
	grace := c.Grace
	if grace == 0 {
		grace = 5 * time.Second
	}
	_ = syscall.Kill(-pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		<-ended
	}
}

// scanOutput hands each line of the child to OnLine. The function it returns waits until the last one was handed over.
func (c Child) scanOutput(cmd *exec.Cmd) (finish func()) {
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	done := make(chan struct{})
	go func() {
		defer close(done)
		scanner := bufio.NewScanner(reader)
		scanner.Buffer(make([]byte, 0, 64*1024), 1024*1024)
		for scanner.Scan() {
			fmt.Fprintln(os.Stderr, scanner.Text())
			c.OnLine(scanner.Text())
		}
		_, _ = io.Copy(io.Discard, reader)
	}()
	return func() {
		writer.Close()
		<-done
	}
}

func orClean(err error) error {
	if err == nil {
		return fmt.Errorf("exit status 0")
	}
	return err
}

// Sleep waits for d or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Final marks an error that Until does not retry.
type Final struct{ error }

// Unwrap gives the error itself.
func (f Final) Unwrap() error { return f.error }

// Stop makes an error that Until does not retry.
func Stop(err error) error { return Final{err} }

// Until calls try every interval until it returns nil, a final error, or ctx ends; a reason is logged when it changes.
func Until(ctx context.Context, interval time.Duration, what string, try func(context.Context) error) error {
	last := ""
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		var final Final
		if errors.As(err, &final) {
			return final.error
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err.Error() != last {
			last = err.Error()
			log.Printf("waiting for %s: %v", what, err)
		}
		Sleep(ctx, interval)
	}
}
