package llmos

import (
	_ "embed"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/token"
)

const (
	binDir     = "/usr/local/bin"
	unitDir    = "/etc/systemd/system"
	k3sConfig  = "/etc/rancher/k3s/config.yaml.d/40-llmos.yaml"
	kubeconfig = "/etc/llmos/kubeconfig.yaml"
)

//go:embed scripts/k3s-killall.sh
var killallScript string

//go:embed scripts/k3s-uninstall.sh
var uninstallScript string

// install writes k3s's configuration, installs k3s as the service of the role, and waits until it is up. Every step
// may be repeated.
func install(config *Config, dataDir string) error {
	if config.Role == RoleInit && config.Token == "" {
		config.Token = existingToken()
	}
	if err := writeFile(k3sConfig, k3sValues(*config), 0o600); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dataDir, "token"), []byte(config.Token+"\n"), 0o600); err != nil {
		return err
	}
	service := "k3s"
	if config.Role == RoleAgent {
		service = "k3s-agent"
	}
	if err := installK3s(*config, service); err != nil {
		return err
	}
	if config.Role == RoleAgent {
		return waitActive(service)
	}
	if err := linkKubeconfig(); err != nil {
		return err
	}
	if config.Role == RoleInit {
		if err := installOperator(*config); err != nil {
			return err
		}
	}
	return waitReady(*config)
}

// k3sValues is the k3s configuration. A config without a server starts a cluster whenever there is no etcd data.
func k3sValues(config Config) []byte {
	values := map[string]any{}
	for key, value := range config.ExtraConfig {
		values[key] = value
	}
	set := func(key string, value any, given bool) {
		if given {
			values[key] = value
		}
	}
	set("server", config.Server, config.Server != "")
	set("cluster-init", "true", config.Server == "")
	set("token", config.Token, config.Token != "")
	set("node-name", config.NodeName, config.NodeName != "")
	set("node-external-ip", config.Address, config.Address != "")
	set("node-ip", config.InternalAddress, config.InternalAddress != "")
	set("node-label", config.Labels, len(config.Labels) > 0)
	set("node-taint", config.Taints, len(config.Taints) > 0)
	set("tls-san", config.TLSSans, len(config.TLSSans) > 0)
	content, _ := yaml.Marshal(values)
	return content
}

// existingToken is the token of an earlier try, or else a new one.
func existingToken() string {
	values := map[string]any{}
	if content, err := os.ReadFile(k3sConfig); err == nil {
		_ = yaml.Unmarshal(content, &values)
	}
	if old, ok := values["token"].(string); ok && old != "" {
		return old
	}
	return token.New()
}

func installK3s(config Config, service string) error {
	if err := copyFile(paths.PartOf(config.KubernetesVersion, "k3s"), filepath.Join(binDir, "k3s"), 0o755); err != nil {
		return err
	}
	role, kind, environment := "server", "notify", ""
	if service == "k3s-agent" {
		role, kind = "agent", "exec"
		environment = fmt.Sprintf("K3S_URL=%s\nK3S_TOKEN=%s\n", config.Server, config.Token)
	}
	unit := fmt.Sprintf(k3sUnit, kind, unitDir, service, role)
	uninstall := strings.ReplaceAll(uninstallScript, "@SERVICE@", service)
	for _, file := range []struct {
		path, content string
		mode          os.FileMode
	}{
		{filepath.Join(unitDir, service+".service"), unit, 0o644},
		{filepath.Join(unitDir, service+".service.env"), environment, 0o600},
		{filepath.Join(binDir, "k3s-killall.sh"), killallScript, 0o755},
		{filepath.Join(binDir, service+"-uninstall.sh"), uninstall, 0o755},
	} {
		if err := writeFile(file.path, []byte(file.content), file.mode); err != nil {
			return err
		}
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", service}, {"restart", "--no-block", service}} {
		if output, err := exec.Command("systemctl", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("systemctl %s: %w: %s", strings.Join(args, " "), err, output)
		}
	}
	log.Printf("installed %s", service)
	return nil
}

// k3sUnit: the pods outlive the service (KillMode=process), and it comes back whatever ended it.
const k3sUnit = `[Unit]
Description=Lightweight Kubernetes
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=%s
EnvironmentFile=-/etc/default/%%N
EnvironmentFile=-%s/%s.service.env
KillMode=process
Delegate=yes
LimitNOFILE=1048576
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStart=/usr/local/bin/k3s %s
`

func linkKubeconfig() error {
	if err := os.MkdirAll(filepath.Dir(kubeconfig), 0o755); err != nil {
		return err
	}
	_ = os.Remove(kubeconfig)
	return os.Symlink(paths.AdminKubeconfig, kubeconfig)
}

// writeFile replaces a file as a whole, with its mode.
func writeFile(file string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	_ = os.Remove(file)
	return os.WriteFile(file, content, mode)
}

func copyFile(from, to string, mode os.FileMode) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	// A running program's file cannot be written to, but it can be replaced.
	_ = os.Remove(to)
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Close()
}
