// Package server runs a management node: etcd member, control plane, supervisor and the node's own agent in one process.
package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/agent"
	"llmos-nodes/standin/internal/controlplane"
	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/kube"
	"llmos-nodes/standin/internal/membership"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
	"llmos-nodes/standin/internal/supervisor"
	"llmos-nodes/standin/internal/systemd"
	"llmos-nodes/standin/internal/token"
)

type server struct {
	config k3sconfig.Config
	token  *token.Current
	member *datastore.Member
	etcd   *clientv3.Client
	kube   kubernetes.Interface
	// fail ends the process: in k3s all of these are one.
	fail context.CancelCauseFunc
}

// Run is `k3s server`: it returns when ctx ends, or with the error of the part that took the process with it.
func Run(ctx context.Context, config k3sconfig.Config) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	member, err := datastore.Open(config)
	if err != nil {
		return err
	}
	secret, err := prepare(ctx, config)
	if err != nil {
		return fmt.Errorf("preparing server: %w", err)
	}
	s := &server{config: config, token: token.NewCurrent(secret), member: member, fail: fail}
	if s.etcd, err = datastore.Client(); err != nil {
		return err
	}
	defer s.etcd.Close()
	if s.kube, err = kube.Client(controlplane.LocalAPI, controlplane.Identity("client-supervisor")); err != nil {
		return err
	}
	if err := controlplane.WriteKubeconfigs(); err != nil {
		return err
	}
	return s.run(ctx)
}

// run starts the parts in order and, at the end, stops them in the opposite one: the API server still needs its etcd
// to take itself out of the endpoints.
func (s *server) run(ctx context.Context) error {
	listeners := &supervisor.Server{Token: s.token, Etcd: s.etcd, Kube: s.kube}
	front := proc.NewGroup(context.Background())
	defer front.Stop()
	front.Go(func(ctx context.Context) { s.must("supervisor", listeners.Listen(ctx, listenAddresses(s.config))) })
	front.Go(func(ctx context.Context) {
		s.must("operator", listeners.ListenOperator(ctx, listenAddresses(s.config)))
	})

	start := s.member.NewCluster()
	if !datastore.Initialized() && s.config.Server != "" {
		var err error
		if start, err = s.member.Join(ctx, s.membersOfCluster); err != nil {
			return fmt.Errorf("ETCD join failed: %w", err)
		}
	}
	_ = os.Remove(resetFlag())
	etcd := proc.NewGroup(context.Background())
	defer etcd.Stop()
	etcd.Go(func(ctx context.Context) { s.must("etcd", s.member.Run(ctx, start)) })

	parts := proc.NewGroup(ctx)
	defer parts.Stop()
	parts.Go(s.runAgent)
	parts.Go(func(ctx context.Context) { s.must("control plane", s.runControlPlane(ctx)) })

	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func (s *server) must(what string, err error) {
	if err != nil {
		s.fail(fmt.Errorf("%s: %w", what, err))
	}
}

// membersOfCluster asks the server that this one joins through.
func (s *server) membersOfCluster(ctx context.Context) (datastore.Members, error) {
	var members datastore.Members
	client, err := supervisor.Connect(ctx, s.config.Server, supervisor.UserServer, s.config.Token)
	if err != nil {
		return members, err
	}
	return members, client.Get(ctx, supervisor.PathMembers, &members)
}

func (s *server) runAgent(ctx context.Context) {
	self := net.JoinHostPort(s.config.NodeIP, strconv.Itoa(paths.SupervisorPort))
	var others []string
	if joined, err := url.Parse(s.config.Server); err == nil && joined.Host != "" {
		others = append(others, joined.Host)
	}
	balancer := agent.NewBalancer(self, others...)
	err := agent.Run(ctx, s.config, balancer, supervisor.UserServer, s.token.Secret(), func() {})
	if ctx.Err() == nil {
		s.must("agent", err)
	}
}

func (s *server) runControlPlane(ctx context.Context) error {
	group := proc.NewGroup(ctx)
	defer group.Stop()
	controller := &membership.Controller{Kube: s.kube, Etcd: s.etcd, Member: s.member, NodeName: s.config.NodeName,
		PromotionTick: s.config.PromotionTick, StallTimeout: s.config.StallTimeout}
	group.Go(controller.ManageMembers)

	voter := func(ctx context.Context) error { return datastore.Voter(ctx, s.etcd) }
	if err := proc.Until(ctx, 500*time.Millisecond, "etcd", voter); err != nil {
		return ignoreEnd(ctx, err)
	}
	save := func(ctx context.Context) error { return datastore.SaveToken(ctx, s.etcd, s.token.Secret()) }
	if err := proc.Until(ctx, 500*time.Millisecond, "the bootstrap data", save); err != nil {
		return ignoreEnd(ctx, err)
	}
	group.Go(func(ctx context.Context) { s.must("kube-apiserver", controlplane.APIServer(s.config).Run(ctx)) })
	ready := func(ctx context.Context) error {
		return s.kube.CoreV1().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}
	if err := proc.Until(ctx, 200*time.Millisecond, "kube-apiserver", ready); err != nil {
		return ignoreEnd(ctx, err)
	}
	log.Print("k3s is up and running")
	systemd.Ready()
	group.Keep(controlplane.ControllerManager())
	group.Keep(controlplane.Scheduler())
	group.Go(controller.WatchNodes)
	<-ctx.Done()
	return nil
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
