package agent

import (
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

const (
	kubeletConfigFile = "kubelet.kubeconfig"
	proxyConfigFile   = "kubeproxy.kubeconfig"
)

// kubelet is the real one; labels and taints count only when the node registers for the first time.
func kubelet(config k3sconfig.Config) (proc.Child, error) {
	file := paths.Agent("etc", "kubelet.yaml")
	content, err := yaml.Marshal(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true},
			"x509": map[string]any{"clientCAFile": paths.Agent("client-ca.crt")},
		},
		"authorization":            map[string]any{"mode": "Webhook"},
		"tlsCertFile":              paths.Agent(kubeletServing + ".crt"),
		"tlsPrivateKeyFile":        paths.Agent(kubeletServing + ".key"),
		"containerRuntimeEndpoint": "unix://" + containerdSocket,
		// The lab's hosts are containers on cgroup v1.
		"cgroupDriver": "cgroupfs", "failCgroupV1": false, "failSwapOn": false,
		"clusterDomain": paths.ClusterDomain, "clusterDNS": []string{paths.ClusterDNS},
		"resolvConf":   "/etc/resolv.conf",
		"evictionHard": map[string]string{"imagefs.available": "5%", "nodefs.available": "5%"},
		"registerNode": true, "registerWithTaints": taints(config.NodeTaints),
	})
	if err != nil {
		return proc.Child{}, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return proc.Child{}, err
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return proc.Child{}, err
	}
	args := []string{
		"--config=" + file, "--kubeconfig=" + paths.Agent(kubeletConfigFile), "--root-dir=" + paths.KubeletRoot,
		"--cert-dir=" + paths.Agent("pki"), "--hostname-override=" + config.NodeName, "--node-ip=" + config.NodeIP, "--v=0",
	}
	if len(config.NodeLabels) > 0 {
		args = append(args, "--node-labels="+strings.Join(config.NodeLabels, ","))
	}
	for _, extra := range config.KubeletArgs {
		args = append(args, "--"+extra)
	}
	return proc.Child{Name: "kubelet", Path: paths.Part("kubelet"), Args: args}, nil
}

// taints reads key=value:Effect and key:Effect.
func taints(texts []string) []map[string]string {
	result := []map[string]string{}
	for _, text := range texts {
		keyValue, effect, _ := strings.Cut(text, ":")
		key, value, _ := strings.Cut(keyValue, "=")
		result = append(result, map[string]string{"key": key, "value": value, "effect": effect})
	}
	return result
}

// kubeProxy is the real one. A lab host may not change the machine-wide connection tracking, hence the zeros.
func kubeProxy(config k3sconfig.Config) proc.Child {
	return proc.Child{Name: "kube-proxy", Path: paths.Part("kube-proxy"), Args: []string{
		"--kubeconfig=" + paths.Agent(proxyConfigFile), "--hostname-override=" + config.NodeName,
		"--proxy-mode=iptables", "--cluster-cidr=" + paths.ClusterCIDR,
		"--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0", "--v=0",
	}}
}
