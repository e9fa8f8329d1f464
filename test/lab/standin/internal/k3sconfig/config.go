// Package k3sconfig reads the k3s configuration: config.yaml, then config.yaml.d/*.yaml, then flags and environment.
package k3sconfig

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"llmos-nodes/standin/internal/paths"
)

// Config is what the stand-in honours of k3s's options; the rest is accepted and ignored.
type Config struct {
	ClusterInit       bool
	Server            string
	Token             string
	NodeName          string
	NodeIP            string
	NodeExternalIP    string
	NodeLabels        []string
	NodeTaints        []string
	TLSSans           []string
	EtcdExposeMetrics bool
	KubeletArgs       []string
	APIServerArgs     []string
	EtcdArgs          []string
	// PromotionTick is how often the leader looks at learners; K3S_LAB_PROMOTION_TICK, default 15 s as in k3s.
	PromotionTick time.Duration
	// StallTimeout is when a learner without progress is thrown out; K3S_LAB_STALL_TIMEOUT, default 5 min as in k3s.
	StallTimeout time.Duration
}

// Load merges the files, later ones winning, then the K3S_* environment, which wins for the server's URL and token.
func Load() (Config, error) {
	values := map[string]any{}
	for _, file := range files() {
		content, err := os.ReadFile(file)
		if err != nil {
			return Config{}, err
		}
		part := map[string]any{}
		if err := yaml.Unmarshal(content, &part); err != nil {
			return Config{}, fmt.Errorf("%s: %w", file, err)
		}
		for key, value := range part {
			values[key] = value
		}
	}
	return resolve(values)
}

func files() []string {
	found, _ := filepath.Glob(paths.ConfigFile + ".d/*.yaml")
	sort.Strings(found)
	if _, err := os.Stat(paths.ConfigFile); err == nil {
		found = append([]string{paths.ConfigFile}, found...)
	}
	return found
}

func resolve(values map[string]any) (Config, error) {
	config := Config{
		ClusterInit: flag(values["cluster-init"]), Server: text(values["server"]), Token: text(values["token"]),
		NodeName: text(values["node-name"]), NodeIP: text(values["node-ip"]),
		NodeExternalIP: text(values["node-external-ip"]),
		NodeLabels:     list(values["node-label"]), NodeTaints: list(values["node-taint"]),
		TLSSans: list(values["tls-san"]), EtcdExposeMetrics: flag(values["etcd-expose-metrics"]),
		KubeletArgs: list(values["kubelet-arg"]), APIServerArgs: list(values["kube-apiserver-arg"]),
		EtcdArgs:      list(values["etcd-arg"]),
		PromotionTick: duration("K3S_LAB_PROMOTION_TICK", 15*time.Second),
		StallTimeout:  duration("K3S_LAB_STALL_TIMEOUT", 5*time.Minute),
	}
	if url := os.Getenv("K3S_URL"); url != "" {
		config.Server = url
	}
	if secret := os.Getenv("K3S_TOKEN"); secret != "" {
		config.Token = secret
	}
	if config.NodeName == "" {
		host, err := os.Hostname()
		if err != nil {
			return config, err
		}
		config.NodeName = strings.ToLower(host)
	}
	if config.NodeIP == "" {
		ip, err := defaultIP()
		if err != nil {
			return config, err
		}
		config.NodeIP = ip
	}
	return config, nil
}

// defaultIP is the address the default route leaves from, or else the first one that is not loopback.
func defaultIP() (string, error) {
	// Connecting a UDP socket sends nothing; the kernel only picks the source address.
	if conn, err := net.Dial("udp", "198.51.100.1:9"); err == nil {
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).IP.String(), nil
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String(), nil
		}
	}
	return "", fmt.Errorf("no address for the node: set node-ip")
}

func duration(name string, fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(name)); err == nil && d > 0 {
		return d
	}
	return fallback
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func flag(value any) bool { return text(value) == "true" }

func list(value any) []string {
	items, many := value.([]any)
	if !many {
		if text(value) == "" {
			return nil
		}
		return strings.Split(text(value), ",")
	}
	var result []string
	for _, item := range items {
		result = append(result, text(item))
	}
	return result
}
