// Package paths names every file and port the stand-in shares with the real k3s, so that what reads a host finds
// things where it would find them on a real one.
package paths

import (
	"os"
	"path/filepath"
)

const (
	// Data is the k3s data folder; the uninstall script removes it as a whole.
	Data = "/var/lib/rancher/k3s"
	// ConfigFile and its .d folder hold the k3s configuration; LLMOS writes only into the folder.
	ConfigFile = "/etc/rancher/k3s/config.yaml"
	// AdminKubeconfig is the administrator's kubeconfig on a server.
	AdminKubeconfig = "/etc/rancher/k3s/k3s.yaml"
	// NodePassword identifies the machine: the same name with another password is refused.
	NodePassword = "/etc/rancher/node/password"
	// LabParts holds the real Kubernetes and etcd binaries, read-only on every lab host.
	LabParts = "/usr/local/lib/lab"
	// Run holds sockets and other files that do not outlive a boot.
	Run = "/run/k3s"
	// KubeletRoot is kubelet's default folder, the one k3s uses too.
	KubeletRoot = "/var/lib/kubelet"
	// CNIPlugins is where Debian's package containernetworking-plugins puts them.
	CNIPlugins = "/usr/lib/cni"
)

const (
	// SupervisorPort serves the supervisor's own routes and, behind them, the API server.
	SupervisorPort = 6443
	// OperatorPort is the LLMOS operator's.
	OperatorPort = 8443
	// APIServerAddress is where the real API server listens: a loopback address of its own leaves the node's
	// address free for the front proxy and keeps 6443 in the `kubernetes` endpoints.
	APIServerAddress = "127.0.0.2"
	// BalancerAddress is the load balancer that every node's own clients go through.
	BalancerAddress = "127.0.0.1:6444"
)

const (
	// ClusterCIDR, ServiceCIDR and the two addresses in it are k3s's defaults.
	ClusterCIDR   = "10.42.0.0/16"
	ServiceCIDR   = "10.43.0.0/16"
	KubernetesIP  = "10.43.0.1"
	ClusterDNS    = "10.43.0.10"
	ClusterDomain = "cluster.local"
)

// Server joins the elements below the server's data folder.
func Server(elem ...string) string {
	return filepath.Join(append([]string{Data, "server"}, elem...)...)
}

// TLS joins the elements below the server's certificates.
func TLS(elem ...string) string { return Server(append([]string{"tls"}, elem...)...) }

// Cred joins the elements below the server's kubeconfig files.
func Cred(elem ...string) string { return Server(append([]string{"cred"}, elem...)...) }

// Etcd joins the elements below the etcd data folder.
func Etcd(elem ...string) string { return Server(append([]string{"db", "etcd"}, elem...)...) }

// Agent joins the elements below the agent's data folder.
func Agent(elem ...string) string {
	return filepath.Join(append([]string{Data, "agent"}, elem...)...)
}

// Version is the release this build stands in for; builds for other releases set it with -ldflags.
var Version = "v1.34.4+k3s1"

// Part is the path of one of the real binaries, of the release this is.
func Part(name string) string { return PartOf(Version, name) }

// PartOf is the path of a binary of that release. What reports no version is there once, for all of them.
func PartOf(version, name string) string {
	own := filepath.Join(LabParts, "releases", version, name)
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(LabParts, name)
}
