package supervisor

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"llmos-nodes/standin/internal/paths"
)

const (
	headerUser  = "X-Remote-User"
	headerGroup = "X-Remote-Group"
)

// front passes requests on to the API server. Who came with a client certificate is named to it in headers that only
// the front's own certificate may send; everyone else's token, if any, goes through as it is.
type front struct {
	clients *x509.CertPool
	named   *httputil.ReverseProxy
	plain   *httputil.ReverseProxy
}

func newFront() (*front, error) {
	clients, err := pool(paths.TLS("client-ca.crt"))
	if err != nil {
		return nil, err
	}
	servers, err := pool(paths.TLS("server-ca.crt"))
	if err != nil {
		return nil, err
	}
	own, err := tls.LoadX509KeyPair(paths.TLS("client-auth-proxy.crt"), paths.TLS("client-auth-proxy.key"))
	if err != nil {
		return nil, err
	}
	return &front{
		clients: clients,
		named:   proxy(&tls.Config{RootCAs: servers, Certificates: []tls.Certificate{own}}),
		plain:   proxy(&tls.Config{RootCAs: servers}),
	}, nil
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Remote-") {
			r.Header.Del(name)
		}
	}
	if len(r.TLS.PeerCertificates) == 0 {
		f.plain.ServeHTTP(w, r)
		return
	}
	client := r.TLS.PeerCertificates[0]
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if _, err := client.Verify(x509.VerifyOptions{Roots: f.clients, KeyUsages: usage}); err != nil {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	r.Header.Set(headerUser, client.Subject.CommonName)
	for _, group := range client.Subject.Organization {
		r.Header.Add(headerGroup, group)
	}
	f.named.ServeHTTP(w, r)
}

func proxy(config *tls.Config) *httputil.ReverseProxy {
	target := &url.URL{Scheme: "https", Host: net.JoinHostPort(paths.APIServerAddress, strconv.Itoa(paths.SupervisorPort))}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		// HTTP/1.1 only: an upgrade (exec, attach, port-forward) cannot be had over HTTP/2.
		Transport: &http.Transport{
			TLSClientConfig: config, MaxIdleConnsPerHost: 100, IdleConnTimeout: 90 * time.Second,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		},
		// Watches must not wait for a buffer to fill.
		FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "apiserver is not ready: "+err.Error(), http.StatusServiceUnavailable)
		},
		ErrorLog: log.New(discard().Writer(), "", 0),
	}
}
