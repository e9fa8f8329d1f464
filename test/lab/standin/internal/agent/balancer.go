package agent

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/supervisor"
)

const (
	checkInterval = 2 * time.Second
	checkTimeout  = 4 * time.Second
)

// Balancer is the node's own TCP load balancer over all servers: every client on the node talks to it. A server that
// hangs loses its connections as soon as another one is ready, so that no client waits for a dead one.
type Balancer struct {
	// preferred is tried first: a management node's own server.
	preferred string
	mutex     sync.Mutex
	servers   []string
	ready     map[string]bool
	open      map[net.Conn]string
}

// NewBalancer starts from the given servers (host:port), the stored list of an earlier run included.
func NewBalancer(preferred string, servers ...string) *Balancer {
	b := &Balancer{preferred: preferred, ready: map[string]bool{}, open: map[net.Conn]string{}}
	var stored []string
	if content, err := os.ReadFile(balancerFile()); err == nil {
		_ = json.Unmarshal(content, &stored)
	}
	for _, server := range append(append([]string{preferred}, servers...), stored...) {
		if server != "" && !slices.Contains(b.servers, server) {
			b.servers = append(b.servers, server)
		}
	}
	return b
}

func balancerFile() string { return paths.Agent("etc", "k3s-agent-load-balancer.json") }

// ForgetServers deletes the stored list: a reset cluster has other servers.
func ForgetServers() { _ = os.Remove(balancerFile()) }

// SetServers replaces the list and stores it for the next start. An empty list is not believed.
func (b *Balancer) SetServers(servers []string) {
	if len(servers) == 0 {
		return
	}
	if b.preferred != "" && !slices.Contains(servers, b.preferred) {
		servers = append(servers, b.preferred)
	}
	slices.Sort(servers)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if slices.Equal(servers, b.servers) {
		return
	}
	log.Printf("load balancer: servers %v", servers)
	b.servers = servers
	content, _ := json.Marshal(servers)
	_ = os.MkdirAll(filepath.Dir(balancerFile()), 0o700)
	_ = os.WriteFile(balancerFile(), content, 0o600)
}

// Listen opens the balancer's port; Serve then takes connections until ctx ends.
func (b *Balancer) Listen() (net.Listener, error) { return net.Listen("tcp", paths.BalancerAddress) }

// Serve takes connections and watches the servers until ctx ends.
func (b *Balancer) Serve(ctx context.Context, listener net.Listener) {
	go b.watch(ctx)
	go func() {
		<-ctx.Done()
		listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go b.forward(client)
	}
}

func (b *Balancer) forward(client net.Conn) {
	defer client.Close()
	for _, server := range b.order() {
		upstream, err := net.DialTimeout("tcp", server, 2*time.Second)
		if err != nil {
			continue
		}
		defer upstream.Close()
		b.track(upstream, server)
		defer b.forget(upstream)
		done := make(chan struct{}, 2)
		copyThen := func(to, from net.Conn) {
			_, _ = io.Copy(to, from)
			done <- struct{}{}
		}
		go copyThen(upstream, client)
		go copyThen(client, upstream)
		<-done
		return
	}
}

// order is: the preferred server, then the ready ones, then the rest.
func (b *Balancer) order() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	rank := func(server string) int {
		switch {
		case !b.ready[server]:
			return 2
		case server == b.preferred:
			return 0
		default:
			return 1
		}
	}
	ordered := slices.Clone(b.servers)
	slices.SortStableFunc(ordered, func(x, y string) int { return rank(x) - rank(y) })
	return ordered
}

func (b *Balancer) track(conn net.Conn, server string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.open[conn] = server
}

func (b *Balancer) forget(conn net.Conn) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.open, conn)
}

func (b *Balancer) watch(ctx context.Context) {
	client := &http.Client{Timeout: checkTimeout, Transport: &http.Transport{
		// Only whether the server is ready is asked here; whoever connects through the balancer checks who it is.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		b.check(client)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (b *Balancer) check(client *http.Client) {
	b.mutex.Lock()
	servers := slices.Clone(b.servers)
	b.mutex.Unlock()
	ready := map[string]bool{}
	var group sync.WaitGroup
	var mutex sync.Mutex
	for _, server := range servers {
		group.Add(1)
		go func() {
			defer group.Done()
			response, err := client.Get("https://" + server + supervisor.PathReady)
			if err != nil {
				return
			}
			response.Body.Close()
			mutex.Lock()
			defer mutex.Unlock()
			ready[server] = response.StatusCode == http.StatusOK
		}()
	}
	group.Wait()
	b.apply(ready)
}

// apply closes the connections to servers that are not ready, if there is one that is.
func (b *Balancer) apply(ready map[string]bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	any := false
	for _, server := range b.servers {
		if ready[server] != b.ready[server] {
			log.Printf("load balancer: server %s ready=%t", server, ready[server])
		}
		any = any || ready[server]
	}
	b.ready = ready
	if !any {
		return
	}
	for conn, server := range b.open {
		if !ready[server] {
			conn.Close()
		}
	}
}
