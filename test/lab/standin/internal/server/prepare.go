package server

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/pki"
	"llmos-nodes/standin/internal/supervisor"
	"llmos-nodes/standin/internal/token"
)

// prepare gives this host the cluster's authorities and its own certificates, and returns the join token's secret.
// With etcd data on disk, cluster-init and server decide nothing. Without data and without a server to join this is the
// first node of a new cluster, whatever it was before.
func prepare(ctx context.Context, config k3sconfig.Config) (secret string, err error) {
	if err := os.MkdirAll(paths.Server(), 0o755); err != nil {
		return "", err
	}
	if err := os.MkdirAll(paths.TLS(), 0o700); err != nil {
		return "", err
	}
	secret = token.Stored()
	if config.Token != "" {
		given, err := token.Parse(config.Token)
		if err != nil {
			return "", err
		}
		secret = given.Secret
	}
	switch {
	case datastore.Initialized():
		log.Print("etcd data found: cluster-init and server are ignored")
		if err := reconcile(ctx, config, secret); err != nil {
			return "", err
		}
	case config.Server != "":
		if err := fetchAuthorities(ctx, config, 30*time.Second); err != nil {
			return "", err
		}
	default:
		log.Print("starting a new cluster")
		if secret == "" {
			secret = token.New()
		}
		if err := pki.Create(); err != nil {
			return "", err
		}
	}
	serverCA, err := os.ReadFile(paths.TLS("server-ca.crt"))
	if err != nil {
		return "", err
	}
	if err := token.Store(secret, serverCA); err != nil {
		return "", err
	}
	return secret, issue(config)
}

// reconcile finds out whether the data belongs to the token: by a server that takes the token, or else by the data
// itself. A server that was restarted with an old token ends here, and its service tries again for ever.
func reconcile(ctx context.Context, config k3sconfig.Config, secret string) error {
	if config.Server != "" && config.Token != "" {
		err := fetchAuthorities(ctx, config, 5*time.Second)
		if err == nil {
			log.Print("Successfully reconciled with datastore")
			return nil
		}
		log.Printf("Unable to reconcile with datastore: %v", err)
	}
	if err := datastore.ReconcileLocal(ctx, secret); err != nil {
		return fmt.Errorf("Failed to reconcile with temporary etcd: %w", err)
	}
	return nil
}

func fetchAuthorities(ctx context.Context, config k3sconfig.Config, timeout time.Duration) error {
	if config.Token == "" {
		return fmt.Errorf("token is required to join a cluster")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, err := supervisor.Connect(ctx, config.Server, supervisor.UserServer, config.Token)
	if err != nil {
		return err
	}
	var bundle pki.Bundle
	if err := client.Get(ctx, supervisor.PathBootstrap, &bundle); err != nil {
		return fmt.Errorf("failed to get the cluster's bootstrap data: %w", err)
	}
	return pki.Import(bundle)
}

func issue(config k3sconfig.Config) error {
	addresses := []net.IP{net.ParseIP(config.NodeIP)}
	var names []string
	for _, san := range append(config.TLSSans, config.NodeExternalIP) {
		if ip := net.ParseIP(san); ip != nil {
			addresses = append(addresses, ip)
		} else if san != "" {
			names = append(names, san)
		}
	}
	return pki.IssueServer(config.NodeName, names, addresses)
}

// listenAddresses are the host's own addresses that the supervisor serves on. Not all of them at once: a loopback
// address is the API server's.
func listenAddresses(config k3sconfig.Config) []string {
	addresses := []string{"127.0.0.1", config.NodeIP}
	local, _ := net.InterfaceAddrs()
	for _, address := range local {
		if network, ok := address.(*net.IPNet); ok && config.NodeExternalIP != config.NodeIP && network.IP.String() == config.NodeExternalIP {
			addresses = append(addresses, config.NodeExternalIP)
		}
	}
	return addresses
}
