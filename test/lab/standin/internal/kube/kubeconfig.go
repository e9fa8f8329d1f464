// Package kube makes kubeconfig files and the clients that use them.
package kube

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Identity names the files a client uses: the CA of the servers and its own certificate, whose key lies beside it.
type Identity struct {
	CA   string
	Base string
}

// WriteConfig writes a kubeconfig for an identity; with embed, the file stands alone and can be copied elsewhere.
func WriteConfig(file, server string, identity Identity, embed bool) error {
	const name = "default"
	cluster := &api.Cluster{Server: server, CertificateAuthority: identity.CA}
	user := &api.AuthInfo{ClientCertificate: identity.Base + ".crt", ClientKey: identity.Base + ".key"}
	config := api.Config{
		Clusters: map[string]*api.Cluster{name: cluster}, AuthInfos: map[string]*api.AuthInfo{name: user},
		Contexts: map[string]*api.Context{name: {Cluster: name, AuthInfo: name}}, CurrentContext: name,
	}
	if embed {
		if err := api.FlattenConfig(&config); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return clientcmd.WriteToFile(config, file)
}

// Client connects with an identity.
func Client(server string, identity Identity) (kubernetes.Interface, error) {
	return kubernetes.NewForConfig(&rest.Config{
		Host: server, QPS: 100, Burst: 200, Timeout: 15 * time.Second,
		TLSClientConfig: rest.TLSClientConfig{CAFile: identity.CA, CertFile: identity.Base + ".crt", KeyFile: identity.Base + ".key"},
	})
}

// FileClient connects with a kubeconfig file.
func FileClient(file string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	config.Timeout = 15 * time.Second
	return kubernetes.NewForConfig(config)
}
