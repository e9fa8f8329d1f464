package datastore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

const (
	temporaryClient = "http://127.0.0.1:2399"
	temporaryPeer   = "http://127.0.0.1:2400"
)

// ReconcileLocal is what k3s does before it starts a member that has data: an etcd of its own over a copy of the data
// tells whether that belongs to the token.
func ReconcileLocal(ctx context.Context, secret string) error {
	folder := paths.Etcd() + "-tmp"
	defer os.RemoveAll(folder)
	if output, err := exec.CommandContext(ctx, "sh", "-c", `rm -rf "$2" && cp -a "$1" "$2"`, "copy", paths.Etcd(), folder).CombinedOutput(); err != nil {
		return fmt.Errorf("copying the etcd data: %w: %s", err, output)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	group := proc.NewGroup(ctx)
	defer group.Stop()
	group.Keep(proc.Child{Name: "temporary etcd", Path: paths.Part("etcd"), Args: []string{
		"--name=temporary", "--data-dir=" + folder, "--force-new-cluster", "--unsafe-no-fsync", "--log-level=error",
		"--listen-client-urls=" + temporaryClient, "--advertise-client-urls=" + temporaryClient,
		"--listen-peer-urls=" + temporaryPeer, "--initial-advertise-peer-urls=" + temporaryPeer, "--initial-cluster=temporary=" + temporaryPeer,
	}})
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{temporaryClient}, DialTimeout: 2 * time.Second, Logger: zap.NewNop()})
	if err != nil {
		return err
	}
	defer client.Close()
	return proc.Until(ctx, 100*time.Millisecond, "the temporary etcd", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		err := CheckToken(ctx, client, secret)
		if err == ErrOtherToken {
			return proc.Stop(err)
		}
		return err
	})
}
