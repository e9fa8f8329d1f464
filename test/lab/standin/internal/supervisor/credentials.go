package supervisor

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/pki"
)

// Headers in which a node says who it is.
const (
	HeaderNodeName     = "K3s-Node-Name"
	HeaderNodePassword = "K3s-Node-Password"
	HeaderNodeIP       = "K3s-Node-IP"
)

// CredentialsRequest holds the public keys (PEM) of a node's clients and server.
type CredentialsRequest struct {
	Kubelet        []byte `json:"kubelet"`
	KubeletServing []byte `json:"kubeletServing"`
	KubeProxy      []byte `json:"kubeProxy"`
}

// Credentials are the certificates for them, and the CA that vouches for clients of the kubelet.
type Credentials struct {
	CredentialsRequest
	ClientCA []byte `json:"clientCA"`
}

// credentials certifies a node's keys if its password is that of the machine which had the name first.
func (s *Server) credentials(w http.ResponseWriter, r *http.Request) {
	var request CredentialsRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name, password := r.Header.Get(HeaderNodeName), r.Header.Get(HeaderNodePassword)
	ip := net.ParseIP(r.Header.Get(HeaderNodeIP))
	if name == "" || password == "" || ip == nil {
		http.Error(w, "node name, password and address are required", http.StatusBadRequest)
		return
	}
	switch right, err := checkPassword(r.Context(), s.Kube, name, password); {
	case err != nil:
		http.Error(w, "cannot check the node password: "+err.Error(), http.StatusServiceUnavailable)
		return
	case !right:
		http.Error(w, "node password is not the one of the node of this name", http.StatusForbidden)
		return
	}
	granted, err := certify(request, name, ip)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, granted)
}

func certify(request CredentialsRequest, name string, ip net.IP) (*Credentials, error) {
	clientCA, err := pki.LoadCA(paths.TLS(), "client-ca")
	if err != nil {
		return nil, err
	}
	serverCA, err := pki.LoadCA(paths.TLS(), "server-ca")
	if err != nil {
		return nil, err
	}
	granted := &Credentials{ClientCA: clientCA.PEM}
	kubelet := pki.Subject{CommonName: "system:node:" + name, Organization: []string{"system:nodes"}}
	serving := pki.Subject{CommonName: name, Server: true, DNS: []string{name, "localhost"}, IPs: []net.IP{ip, net.ParseIP("127.0.0.1")}}
	for _, cert := range []struct {
		ca      *pki.CA
		key     []byte
		subject pki.Subject
		out     *[]byte
	}{
		{clientCA, request.Kubelet, kubelet, &granted.Kubelet},
		{serverCA, request.KubeletServing, serving, &granted.KubeletServing},
		{clientCA, request.KubeProxy, pki.Subject{CommonName: "system:kube-proxy"}, &granted.KubeProxy},
	} {
		block, _ := pem.Decode(cert.key)
		if block == nil {
			return nil, fmt.Errorf("a public key is not PEM")
		}
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if *cert.out, err = cert.ca.Sign(public, cert.subject); err != nil {
			return nil, err
		}
	}
	return granted, nil
}

// PasswordSecret is the name of the Secret that holds a node's password (hashed); it is owned by the Node and so goes with it.
func PasswordSecret(node string) string { return node + ".node-password.k3s" }

func checkPassword(ctx context.Context, client kubernetes.Interface, node, password string) (bool, error) {
	sum := sha256.Sum256([]byte(node + ":" + password))
	hash := hex.EncodeToString(sum[:])
	secrets := client.CoreV1().Secrets(metav1.NamespaceSystem)
	found, err := secrets.Get(ctx, PasswordSecret(node), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		immutable := true
		_, err = secrets.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: PasswordSecret(node)}, Immutable: &immutable,
			Data: map[string][]byte{"hash": []byte(hash)},
		}, metav1.CreateOptions{})
		return err == nil, err
	}
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(found.Data["hash"], []byte(hash)) == 1, nil
}
