package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"llmos-nodes/standin/internal/agent"
	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

// resetFlag keeps a reset from being repeated by accident; the next normal start takes it away.
func resetFlag() string { return paths.Server("db", "reset-flag") }

// Reset is `k3s server --cluster-reset`: this server's data becomes a cluster of this one member, and the process ends. The
// Nodes of the others stay; the others themselves have to delete their data and join again.
func Reset(ctx context.Context, config k3sconfig.Config) error {
	if config.Server != "" {
		return errors.New("cannot perform cluster-reset while server URL is set - remove server from configuration before resetting")
	}
	if _, err := os.Stat(resetFlag()); err == nil {
		return fmt.Errorf("Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start k3s normally. "+
			"If you need to perform another cluster reset, you must first manually delete the file at %s", resetFlag())
	}
	agent.ForgetServers()
	member, err := datastore.Open(config)
	if err != nil {
		return err
	}
	if !datastore.Initialized() {
		return errors.New("there is no etcd data to reset")
	}
	if _, err := prepare(ctx, config); err != nil {
		return fmt.Errorf("preparing server: %w", err)
	}
	if err := resetMember(ctx, member); err != nil {
		return err
	}
	if err := os.WriteFile(resetFlag(), nil, 0o600); err != nil {
		return err
	}
	log.Print("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. " +
		"Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes")
	return nil
}

// resetMember runs etcd until it votes in a cluster of its own.
func resetMember(ctx context.Context, member *datastore.Member) error {
	client, err := datastore.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	failed := make(chan error, 1)
	group := proc.NewGroup(ctx)
	defer group.Stop()
	group.Go(func(ctx context.Context) { failed <- member.Run(ctx, member.Alone()) })
	return proc.Until(ctx, 200*time.Millisecond, "etcd", func(ctx context.Context) error {
		select {
		case err := <-failed:
			return proc.Stop(fmt.Errorf("etcd: %w", err))
		default:
			return datastore.Voter(ctx, client)
		}
	})
}
