package agent

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"llmos-nodes/standin/internal/paths"
)

// Ctr is the host's own ctr; k3s brings one that talks to its containerd.
func Ctr(ctx context.Context, args []string) error {
	command := exec.CommandContext(ctx, "ctr", append([]string{"-a", containerdSocket, "-n", "k8s.io"}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	return command.Run()
}

// Crictl pulls an image. The lab has no registry: what one would have lies in a folder.
func Crictl(ctx context.Context, args []string) error {
	if len(args) != 2 || args[0] != "pull" {
		return fmt.Errorf("usage: k3s crictl pull IMAGE")
	}
	archive := filepath.Join(paths.LabParts, "registry", strings.ReplaceAll(path.Base(args[1]), ":", "-")+".tar")
	if _, err := os.Stat(archive); err != nil {
		return fmt.Errorf("failed to pull and unpack image %q: not found", args[1])
	}
	return Ctr(ctx, []string{"images", "import", archive})
}
