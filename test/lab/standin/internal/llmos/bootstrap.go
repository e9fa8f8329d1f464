package llmos

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"llmos-nodes/standin/internal/supervisor"
)

// ErrInvalid is an invalid config: the only error that is not retried for ever.
var ErrInvalid = errors.New("invalid config")

// Bootstrap brings the host into its cluster. It tries again every retry, for ever, unless the config is invalid, and
// does nothing on a host that has the done stamp.
func Bootstrap(options Options, retry time.Duration) error {
	done := filepath.Join(options.DataDir, "bootstrapped")
	if options.Force {
		_ = os.Remove(done)
	}
	if _, err := os.Stat(done); err == nil {
		log.Print("System is already bootstrapped, run with the --force flag to force bootstrap the system again.")
		return nil
	}
	for {
		err := attempt(options, done)
		if err == nil || errors.Is(err, ErrInvalid) {
			return err
		}
		log.Printf("failed to bootstrap system, will retry: %v", err)
		time.Sleep(retry)
	}
}

func attempt(options Options, done string) error {
	config, err := LoadConfig(options)
	if err != nil {
		return fmt.Errorf("failed to load config: %w", err)
	}
	if err := Validate(config); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := stamp(filepath.Join(options.DataDir, "working"), config); err != nil {
		return err
	}
	if config.Role != RoleInit {
		info, err := clusterInfo(config.Server, config.Token)
		if err != nil {
			return err
		}
		config.KubernetesVersion, config.LLMOSOperatorVersion = info.K8sVersion, info.LLMOSOperatorVersion
	}
	log.Printf("Bootstrapping LLMOS %s(%s)", config.LLMOSOperatorVersion, config.KubernetesVersion)
	if err := install(&config, options.DataDir); err != nil {
		return fmt.Errorf("running plan error: %w", err)
	}
	if err := stamp(done, config); err != nil {
		return err
	}
	log.Printf("Successfully Bootstrapped LLMOS %s(%s)", config.LLMOSOperatorVersion, config.KubernetesVersion)
	return nil
}

// stamp writes the whole config, token included, readable for every user who can enter the folder.
func stamp(file string, config Config) error {
	content, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o600); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// clusterInfo asks the operator. Every failure reads the same, a wrong token and a server error alike: the error
// printed is the transport's, which is nil when there was an answer.
func clusterInfo(server, token string) (supervisor.ClusterInfo, error) {
	var info supervisor.ClusterInfo
	parsed, err := url.Parse(server)
	if err != nil {
		return info, err
	}
	response, err := request(fmt.Sprintf("https://%s:8443/v1-cluster/cluster-info", parsed.Hostname()), token)
	if err != nil || response.StatusCode != http.StatusOK {
		return info, fmt.Errorf("failed to get cluster info: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return info, err
	}
	return info, json.Unmarshal(body, &info)
}

// Token is the join token this host was bootstrapped with, without a CA hash.
func Token(dataDir string) (string, error) {
	content, err := os.ReadFile(filepath.Join(dataDir, "token"))
	if err != nil {
		return "", err
	}
	parts := strings.Split(string(content), ":")
	return parts[len(parts)-1], nil
}
