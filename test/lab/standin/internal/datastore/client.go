package datastore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"llmos-nodes/standin/internal/paths"
)

const localEndpoint = "https://127.0.0.1:2379"

// Members is the answer of the supervisor's /db/info.
type Members struct {
	Members []*etcdserverpb.Member `json:"members"`
}

// Client connects to etcd with this server's client certificate; without endpoints, to its own member.
func Client(endpoints ...string) (*clientv3.Client, error) {
	if len(endpoints) == 0 {
		endpoints = []string{localEndpoint}
	}
	pair, err := tls.LoadX509KeyPair(paths.TLS("etcd", "client.crt"), paths.TLS("etcd", "client.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(paths.TLS("etcd", "server-ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("the etcd server CA is not a PEM file")
	}
	return clientv3.New(clientv3.Config{
		Endpoints: endpoints, DialTimeout: 2 * time.Second,
		DialKeepAliveTime: 30 * time.Second, DialKeepAliveTimeout: 10 * time.Second,
		// The member is not up yet when its own server connects: gRPC's usual pauses grow to minutes.
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.2, MaxDelay: time.Second}, MinConnectTimeout: 2 * time.Second,
		})},
		TLS: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}, Logger: zap.NewNop(),
	})
}

// Voter returns nil once this server's member answers as a voter; a learner serves no reads.
func Voter(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	status, err := client.Status(ctx, localEndpoint)
	if err != nil {
		return err
	}
	if status.IsLearner {
		return fmt.Errorf("this server has not yet been promoted from learner to voting member")
	}
	return nil
}

// IsLeader tells whether this server's member leads; only the leader's server runs the cluster's controllers.
func IsLeader(ctx context.Context, client *clientv3.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	status, err := client.Status(ctx, localEndpoint)
	return err == nil && status.Leader != 0 && status.Leader == status.Header.MemberId
}
