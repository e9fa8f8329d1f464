package agent

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/kube"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/pki"
	"llmos-nodes/standin/internal/proc"
	"llmos-nodes/standin/internal/supervisor"
)

const (
	kubeletClient  = "client-kubelet"
	kubeletServing = "serving-kubelet"
	proxyClient    = "client-kube-proxy"
)

// fetchCredentials has new keys certified by a server and writes the node's kubeconfigs. A refusal is retried for
// ever, as in k3s: it heals when the old Node is deleted.
func fetchCredentials(ctx context.Context, config k3sconfig.Config, user, joinToken string) error {
	password, err := nodePassword()
	if err != nil {
		return err
	}
	return proc.Until(ctx, 2*time.Second, "the server to certify this node", func(ctx context.Context) error {
		client, err := supervisor.Connect(ctx, "https://"+paths.BalancerAddress, user, joinToken)
		if err != nil {
			return err
		}
		err = certify(ctx, client, config, password)
		if err != nil && strings.Contains(err.Error(), "403 Forbidden") {
			return fmt.Errorf("Node password rejected, duplicate hostname or contents of '%s' may not match server node-passwd entry: %w", paths.NodePassword, err)
		}
		return err
	})
}

func certify(ctx context.Context, client *supervisor.Client, config k3sconfig.Config, password string) error {
	var request supervisor.CredentialsRequest
	keys := map[string]*[]byte{kubeletClient: &request.Kubelet, kubeletServing: &request.KubeletServing, proxyClient: &request.KubeProxy}
	private := map[string][]byte{}
	for name, public := range keys {
		key, err := pki.NewKey()
		if err != nil {
			return err
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return err
		}
		*public = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		if private[name], err = pki.EncodeKey(key); err != nil {
			return err
		}
	}
	headers := map[string]string{supervisor.HeaderNodeName: config.NodeName, supervisor.HeaderNodePassword: password,
		supervisor.HeaderNodeIP: config.NodeIP}
	var granted supervisor.Credentials
	if err := client.Post(ctx, supervisor.PathCredentials, headers, request, &granted); err != nil {
		return err
	}
	files := map[string][]byte{
		"server-ca.crt": client.ServerCA, "client-ca.crt": granted.ClientCA, kubeletClient + ".crt": granted.Kubelet,
		kubeletServing + ".crt": granted.KubeletServing, proxyClient + ".crt": granted.KubeProxy,
	}
	for name, key := range private {
		files[name+".key"] = key
	}
	if err := os.MkdirAll(paths.Agent(), 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(paths.Agent(name), content, 0o600); err != nil {
			return err
		}
	}
	for file, client := range map[string]string{kubeletConfigFile: kubeletClient, proxyConfigFile: proxyClient} {
		if err := kube.WriteConfig(paths.Agent(file), "https://"+paths.BalancerAddress, identity(client), false); err != nil {
			return err
		}
	}
	log.Printf("certified as node %s", config.NodeName)
	return nil
}

func identity(name string) kube.Identity {
	return kube.Identity{CA: paths.Agent("server-ca.crt"), Base: paths.Agent(name)}
}

// nodePassword is made once for a machine and lies outside the data folder, as in k3s.
func nodePassword() (string, error) {
	content, err := os.ReadFile(paths.NodePassword)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !os.IsNotExist(err) {
		return "", err
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	password := hex.EncodeToString(raw)
	if err := os.MkdirAll(filepath.Dir(paths.NodePassword), 0o755); err != nil {
		return "", err
	}
	return password, os.WriteFile(paths.NodePassword, []byte(password+"\n"), 0o600)
}
