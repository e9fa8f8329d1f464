package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"slices"

	"llmos-nodes/standin/internal/paths"
)

// authorities are all the CAs of a cluster, by their file below the TLS folder.
var authorities = []string{"server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca"}

// ServiceKey signs service account tokens.
const ServiceKey = "service.key"

// Bundle is what a joining server needs to be of the same cluster: file below the TLS folder → content.
type Bundle map[string][]byte

// Exists tells whether this host already has a cluster's authorities.
func Exists() bool {
	_, err := os.Stat(paths.TLS("server-ca.key"))
	return err == nil
}

// Create makes the authorities of a new cluster, leaving what is there.
func Create() error {
	for _, name := range authorities {
		if err := NewCA(filepath.Dir(paths.TLS(name)), filepath.Base(name)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(paths.TLS(ServiceKey)); err == nil {
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return os.WriteFile(paths.TLS(ServiceKey), pem.EncodeToMemory(block), 0o600)
}

func bundleFiles() []string {
	files := []string{ServiceKey}
	for _, name := range authorities {
		files = append(files, name+".crt", name+".key")
	}
	return files
}

// Export reads the bundle to hand to a joining server.
func Export() (Bundle, error) {
	bundle := Bundle{}
	for _, file := range bundleFiles() {
		content, err := os.ReadFile(paths.TLS(file))
		if err != nil {
			return nil, err
		}
		bundle[file] = content
	}
	return bundle, nil
}

// Import writes the bundle of the cluster that this server joins.
func Import(bundle Bundle) error {
	for _, file := range bundleFiles() {
		if err := os.MkdirAll(filepath.Dir(paths.TLS(file)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(paths.TLS(file), bundle[file], 0o600); err != nil {
			return err
		}
	}
	return nil
}

// IssueServer writes every certificate a server uses, valid for its names and addresses.
func IssueServer(nodeName string, names []string, addresses []net.IP) error {
	masters := []string{"system:masters"}
	names = append([]string{nodeName, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc." + paths.ClusterDomain}, names...)
	addresses = append([]net.IP{net.ParseIP("127.0.0.1"), net.ParseIP(paths.APIServerAddress),
		net.ParseIP(paths.KubernetesIP)}, addresses...)
	serving := Subject{CommonName: "kube-apiserver", Server: true, DNS: slices.Compact(names), IPs: addresses}
	etcd := Subject{CommonName: "etcd-server", Server: true, DNS: names, IPs: addresses}
	certs := []struct {
		ca, base string
		subject  Subject
	}{
		{"server-ca", "serving-kube-apiserver", serving},
		{"client-ca", "client-admin", Subject{CommonName: "system:admin", Organization: masters}},
		{"client-ca", "client-supervisor", Subject{CommonName: "system:k3s-supervisor", Organization: masters}},
		{"client-ca", "client-kube-apiserver", Subject{CommonName: "system:apiserver", Organization: masters}},
		{"client-ca", "client-controller", Subject{CommonName: "system:kube-controller-manager"}},
		{"client-ca", "client-scheduler", Subject{CommonName: "system:kube-scheduler"}},
		{"request-header-ca", "client-auth-proxy", Subject{CommonName: "system:auth-proxy"}},
		{"etcd/server-ca", "etcd/server-client", etcd},
		{"etcd/server-ca", "etcd/client", Subject{CommonName: "etcd-client"}},
		{"etcd/peer-ca", "etcd/peer-server-client", Subject{CommonName: "etcd-peer", Server: true, DNS: names, IPs: addresses}},
	}
	for _, cert := range certs {
		ca, err := LoadCA(filepath.Dir(paths.TLS(cert.ca)), filepath.Base(cert.ca))
		if err != nil {
			return err
		}
		if err := ca.Issue(paths.TLS(cert.base), cert.subject); err != nil {
			return err
		}
	}
	return nil
}
