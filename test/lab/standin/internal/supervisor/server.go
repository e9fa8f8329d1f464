// Package supervisor is the HTTPS front of a server: k3s's own routes and, behind them, the real API server.
package supervisor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/pki"
	"llmos-nodes/standin/internal/token"
)

// Routes of the supervisor.
const (
	PathPing        = "/ping"
	PathCACerts     = "/cacerts"
	PathMembers     = "/db/info"
	PathReady       = "/v1-k3s/readyz"
	PathBootstrap   = "/v1-k3s/server-bootstrap"
	PathCredentials = "/v1-k3s/agent-credentials"
	PathToken       = "/v1-k3s/token"
)

// Users of the join token: a server may do all, an agent only fetch its credentials.
const (
	UserServer = "server"
	UserNode   = "node"
)

// Server is the supervisor of one host.
type Server struct {
	// Token is the join token this server takes.
	Token *token.Current
	Etcd  *clientv3.Client
	Kube  kubernetes.Interface
	ready readiness
}

// Listen serves on every one of the addresses. It must not take all addresses: the API server has one of its own.
func (s *Server) Listen(ctx context.Context, addresses []string) error {
	handler, err := s.handler()
	if err != nil {
		return err
	}
	return serve(ctx, handler, addresses, paths.SupervisorPort)
}

func (s *Server) handler() (http.Handler, error) {
	front, err := newFront()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PathPing, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("pong"))
	})
	mux.HandleFunc("GET "+PathCACerts, func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, paths.TLS("server-ca.crt"))
	})
	mux.HandleFunc("GET "+PathReady, func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready.check(r.Context(), s.Kube); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET "+PathMembers, s.authorized(s.members, UserServer))
	mux.HandleFunc("GET "+PathBootstrap, s.authorized(bootstrap, UserServer))
	mux.HandleFunc("POST "+PathCredentials, s.authorized(s.credentials, UserServer, UserNode))
	mux.HandleFunc(PathToken, s.authorized(s.rotate, UserServer))
	mux.Handle("/", front)
	return mux, nil
}

func (s *Server) authorized(next http.HandlerFunc, users ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, given := r.BasicAuth()
		if given && s.Token.Matches(password) {
			for _, allowed := range users {
				if user == allowed {
					next(w, r)
					return
				}
			}
		}
		http.Error(w, "not authorized", http.StatusUnauthorized)
	}
}

// members answers 500 when etcd does not give its list: a guess would be worse than none.
func (s *Server) members(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	list, err := s.Etcd.MemberList(ctx)
	if err != nil {
		http.Error(w, "failed to get etcd MemberList: "+err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, datastore.Members{Members: list.Members})
}

func bootstrap(w http.ResponseWriter, _ *http.Request) {
	bundle, err := pki.Export()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, bundle)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// serve runs an HTTPS server with this host's serving certificate until ctx ends.
func serve(ctx context.Context, handler http.Handler, addresses []string, port int) error {
	certificate, err := tls.LoadX509KeyPair(paths.TLS("serving-kube-apiserver.crt"), paths.TLS("serving-kube-apiserver.key"))
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler,
		// Client certificates are looked at by the front, which answers 401 where a handshake would only break off.
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequestClientCert},
		ErrorLog:  discard(),
	}
	failed := make(chan error, len(addresses))
	for _, address := range addresses {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		go func() { failed <- server.ServeTLS(listener, "", "") }()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

func pool(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	certs := x509.NewCertPool()
	if !certs.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s: not a PEM file", file)
	}
	return certs, nil
}
