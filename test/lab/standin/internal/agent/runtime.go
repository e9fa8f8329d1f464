package agent

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

var containerdSocket = filepath.Join(paths.Run, "containerd", "containerd.sock")

func cniConfigDir() string { return paths.Agent("etc", "cni", "net.d") }

// containerd is the host's container runtime with a configuration and data of k3s's own. A lab host is a container and
// may not lower OOM scores below its own, hence restrict_oom_score_adj.
func containerd() (proc.Child, error) {
	config := paths.Agent("etc", "containerd", "config.toml")
	content := fmt.Sprintf(`version = 2
root = %q
state = %q
[grpc]
  address = %q
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = %q
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
`, paths.Agent("containerd"), filepath.Join(paths.Run, "containerd"), containerdSocket, paths.CNIPlugins, cniConfigDir())
	for _, dir := range []string{filepath.Dir(config), cniConfigDir()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return proc.Child{}, err
		}
	}
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		return proc.Child{}, err
	}
	return proc.Child{Name: "containerd", Path: "/usr/bin/containerd", Args: []string{"--config", config, "--log-level", "warn"}}, nil
}

// importImages loads the lab's image archives, since there is no registry to pull from. It returns when containerd has them.
func importImages(ctx context.Context) error {
	archives, err := filepath.Glob(filepath.Join(paths.LabParts, "*.tar"))
	if err != nil {
		return err
	}
	for _, archive := range archives {
		err := proc.Until(ctx, 300*time.Millisecond, "containerd to import "+archive, func(ctx context.Context) error {
			output, err := exec.CommandContext(ctx, "ctr", "-a", containerdSocket, "-n", "k8s.io", "images", "import", archive).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, output)
			}
			return nil
		})
		if err != nil {
			return err
		}
		log.Printf("imported %s", archive)
	}
	return nil
}
