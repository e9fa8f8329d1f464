package proc

import (
	"context"
	"sync"
)

// Group runs children that end together.
type Group struct {
	ctx    context.Context
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// NewGroup makes a group that ends with ctx or by Stop.
func NewGroup(ctx context.Context) *Group {
	ctx, cancel := context.WithCancel(ctx)
	return &Group{ctx: ctx, cancel: cancel}
}

// Keep runs a child and starts it again whenever it ends by itself.
func (g *Group) Keep(child Child) { g.Go(child.Keep) }

// Go runs a function until the group ends.
func (g *Group) Go(run func(context.Context)) {
	g.ended.Add(1)
	go func() {
		defer g.ended.Done()
		run(g.ctx)
	}()
}

// Stop ends them all and waits for it.
func (g *Group) Stop() {
	g.cancel()
	g.ended.Wait()
}
