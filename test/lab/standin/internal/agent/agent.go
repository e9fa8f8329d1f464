// Package agent makes a host a node: containerd, kubelet and kube-proxy, reached over a load balancer of the servers.
package agent

import (
	"context"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/kube"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

// Run makes this host a node and keeps it one until ctx ends; registered is called once kubelet runs.
func Run(ctx context.Context, config k3sconfig.Config, balancer *Balancer, user, joinToken string, registered func()) error {
	listener, err := balancer.Listen()
	if err != nil {
		return err
	}
	go balancer.Serve(ctx, listener)

	runtime, err := containerd()
	if err != nil {
		return err
	}
	children := proc.NewGroup(ctx)
	defer children.Stop()
	children.Keep(runtime)
	if err := importImages(ctx); err != nil {
		return err
	}
	if err := fetchCredentials(ctx, config, user, joinToken); err != nil {
		return err
	}
	client, err := kube.FileClient(paths.Agent(proxyConfigFile))
	if err != nil {
		return err
	}
	node, err := kubelet(config)
	if err != nil {
		return err
	}
	children.Keep(node)
	children.Keep(kubeProxy(config))
	registered()
	followCluster(ctx, client, config, balancer)
	return nil
}
