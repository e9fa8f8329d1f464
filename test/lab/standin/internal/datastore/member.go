// Package datastore runs this server's etcd member the way k3s runs its embedded etcd.
package datastore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

// ErrRemoved says that the others have removed this member: the tombstone is written and the next start joins afresh.
var ErrRemoved = errors.New("this node has been removed from the etcd cluster; the next start joins it again")

// backups of earlier data folders are kept up to this many.
const backups = 5

// Member is this server's etcd member.
type Member struct {
	// Name is `<node>-<8 hex>` and lives as long as the data does.
	Name    string
	Address string
	config  k3sconfig.Config
}

// Open moves a removed member's data aside and gives the member its name.
func Open(config k3sconfig.Config) (*Member, error) {
	if _, err := os.Stat(paths.Etcd("tombstone")); err == nil {
		log.Print("tombstone found: moving the etcd data aside to join the cluster again")
		if err := moveAside(); err != nil {
			return nil, err
		}
	}
	member := &Member{Address: config.NodeIP, config: config}
	content, err := os.ReadFile(paths.Etcd("name"))
	switch {
	case err == nil:
		member.Name = string(content)
	case os.IsNotExist(err):
		suffix := make([]byte, 4)
		_, _ = rand.Read(suffix)
		member.Name = config.NodeName + "-" + hex.EncodeToString(suffix)
		if err := os.MkdirAll(paths.Etcd(), 0o700); err != nil {
			return nil, err
		}
		err = os.WriteFile(paths.Etcd("name"), []byte(member.Name), 0o600)
		if err != nil {
			return nil, err
		}
	default:
		return nil, err
	}
	return member, nil
}

// Initialized tells whether there is etcd data on disk; if so, the configuration's cluster-init and server count no more.
func Initialized() bool {
	info, err := os.Stat(paths.Etcd("member", "wal"))
	return err == nil && info.IsDir()
}

// PeerURL is where the other members reach this one.
func (m *Member) PeerURL() string { return fmt.Sprintf("https://%s:2380", m.Address) }

// ClientURL is where clients reach this member.
func (m *Member) ClientURL() string { return fmt.Sprintf("https://%s:2379", m.Address) }

// Start is how etcd is told about the cluster it finds.
type Start struct {
	InitialCluster string
	State          string
	// Force makes the data on disk a cluster of this one member.
	Force bool
}

// NewCluster starts a cluster of this one member. With data on disk etcd ignores it.
func (m *Member) NewCluster() Start {
	return Start{InitialCluster: m.Name + "=" + m.PeerURL(), State: "new"}
}

// Alone turns the data on disk into a cluster of this one member, whoever else was in it.
func (m *Member) Alone() Start {
	start := m.NewCluster()
	start.Force = true
	return start
}

// Run keeps etcd running until ctx ends. It returns ErrRemoved once the others have removed the member.
func (m *Member) Run(ctx context.Context, start Start) error {
	var removed atomic.Bool
	etcd := proc.Child{
		Name: "etcd", Path: paths.Part("etcd"), Args: m.args(start),
		OnLine: func(line string) {
			if strings.Contains(line, "the member has been permanently removed from the cluster") {
				removed.Store(true)
			}
		},
	}
	err := etcd.Run(ctx)
	if !removed.Load() || ctx.Err() != nil {
		return err
	}
	if err := os.WriteFile(paths.Etcd("tombstone"), nil, 0o600); err != nil {
		return err
	}
	return ErrRemoved
}

func (m *Member) args(start Start) []string {
	metrics := "http://127.0.0.1:2381"
	if m.config.EtcdExposeMetrics {
		metrics += fmt.Sprintf(",http://%s:2381", m.Address)
	}
	tls := func(name string) string { return paths.TLS("etcd", name) }
	args := []string{
		"--name=" + m.Name, "--data-dir=" + paths.Etcd(), "--log-level=warn",
		"--listen-client-urls=https://127.0.0.1:2379," + m.ClientURL(), "--advertise-client-urls=" + m.ClientURL(),
		"--listen-peer-urls=" + m.PeerURL(), "--initial-advertise-peer-urls=" + m.PeerURL(),
		"--initial-cluster=" + start.InitialCluster, "--initial-cluster-state=" + start.State,
		"--listen-metrics-urls=" + metrics,
		"--client-cert-auth", "--trusted-ca-file=" + tls("server-ca.crt"),
		"--cert-file=" + tls("server-client.crt"), "--key-file=" + tls("server-client.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + tls("peer-ca.crt"),
		"--peer-cert-file=" + tls("peer-server-client.crt"), "--peer-key-file=" + tls("peer-server-client.key"),
		"--heartbeat-interval=500", "--election-timeout=5000",
	}
	if start.Force {
		args = append(args, "--force-new-cluster")
	}
	for _, extra := range m.config.EtcdArgs {
		args = append(args, "--"+extra)
	}
	return args
}

func moveAside() error {
	old, _ := filepath.Glob(paths.Etcd() + "-backup-*")
	sort.Strings(old)
	for len(old) >= backups {
		if err := os.RemoveAll(old[0]); err != nil {
			return err
		}
		old = old[1:]
	}
	return os.Rename(paths.Etcd(), fmt.Sprintf("%s-backup-%d", paths.Etcd(), time.Now().Unix()))
}
