// Command k3s stands in for k3s in the lab: it packages the real Kubernetes and etcd the way k3s does.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"llmos-nodes/standin/internal/agent"
	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/server"
	"llmos-nodes/standin/internal/supervisor"
	"llmos-nodes/standin/internal/systemd"
	"llmos-nodes/standin/internal/token"
)

const usage = "usage: k3s server [--cluster-reset] | agent | etcd-snapshot save [--name NAME] | token rotate [--token OLD] [--new-token NEW] | ctr | crictl pull IMAGE | --version"

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Printf("fatal: %v", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch args[0] {
	case "--version":
		fmt.Printf("k3s version %s (stand-in)\n", paths.Version)
		return nil
	case "ctr":
		return agent.Ctr(ctx, args[1:])
	case "crictl":
		return agent.Crictl(ctx, args[1:])
	}
	config, err := k3sconfig.Load()
	if err != nil {
		return err
	}
	switch strings.Join(args[:min(2, len(args))], " ") {
	case "server":
		return server.Run(ctx, config)
	case "server --cluster-reset":
		return server.Reset(ctx, config)
	case "agent":
		return runAgent(ctx, config)
	case "etcd-snapshot save":
		return datastore.Save(ctx, config, option(args[2:], "name", "on-demand"))
	case "token rotate":
		return rotate(ctx, args[2:])
	}
	return errors.New(usage)
}

// rotate changes the join token of the server on this host.
func rotate(ctx context.Context, args []string) error {
	old := option(args, "token", token.Stored())
	if err := supervisor.Rotate(ctx, "https://127.0.0.1:6443", old, option(args, "new-token", "")); err != nil {
		return err
	}
	fmt.Println("Token rotated, restart k3s nodes with new token")
	return nil
}

func runAgent(ctx context.Context, config k3sconfig.Config) error {
	server, err := url.Parse(config.Server)
	if err != nil || server.Host == "" || config.Token == "" {
		return fmt.Errorf("an agent needs K3S_URL and K3S_TOKEN")
	}
	balancer := agent.NewBalancer("", server.Host)
	return agent.Run(ctx, config, balancer, supervisor.UserNode, config.Token, systemd.Ready)
}

// option finds --name VALUE or --name=VALUE.
func option(args []string, name, fallback string) string {
	for i, arg := range args {
		if value, found := strings.CutPrefix(arg, "--"+name+"="); found {
			return value
		}
		if arg == "--"+name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return fallback
}
