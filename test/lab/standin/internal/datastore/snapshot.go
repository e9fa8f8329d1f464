package datastore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
)

// Save writes a snapshot of this server's member as `<name>-<node>-<unix time>` and prints its path.
func Save(ctx context.Context, config k3sconfig.Config, name string) error {
	folder := paths.Server("db", "snapshots")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file := filepath.Join(folder, fmt.Sprintf("%s-%s-%d", name, config.NodeName, time.Now().Unix()))
	etcdctl := exec.CommandContext(ctx, paths.Part("etcdctl"), "--endpoints="+localEndpoint,
		"--cacert="+paths.TLS("etcd", "server-ca.crt"), "--cert="+paths.TLS("etcd", "client.crt"),
		"--key="+paths.TLS("etcd", "client.key"), "snapshot", "save", file)
	if output, err := etcdctl.CombinedOutput(); err != nil {
		return fmt.Errorf("saving the snapshot: %w: %s", err, output)
	}
	fmt.Printf("Snapshot %s saved.\n", filepath.Base(file))
	return nil
}
