// Package llmos is what `llmos bootstrap` does on a host.
package llmos

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"

	"sigs.k8s.io/yaml"
)

// Roles a host can have.
const (
	RoleInit   = "cluster-init"
	RoleServer = "server"
	RoleAgent  = "agent"
)

// Config is /etc/llmos/config.yaml as far as the stand-in honours it. What it does not know is accepted, and kept out.
type Config struct {
	Role                  string         `json:"role,omitempty"`
	Server                string         `json:"server,omitempty"`
	Token                 string         `json:"token,omitempty"`
	NodeName              string         `json:"nodeName,omitempty"`
	Address               string         `json:"address,omitempty"`
	InternalAddress       string         `json:"internalAddress,omitempty"`
	Labels                []string       `json:"labels,omitempty"`
	Taints                []string       `json:"taints,omitempty"`
	TLSSans               []string       `json:"tlsSans,omitempty"`
	KubernetesVersion     string         `json:"kubernetesVersion,omitempty"`
	LLMOSOperatorVersion  string         `json:"llmosOperatorVersion,omitempty"`
	ChartRepo             string         `json:"chartRepo,omitempty"`
	Mirror                string         `json:"mirror,omitempty"`
	SystemDefaultRegistry string         `json:"systemDefaultRegistry,omitempty"`
	ExtraConfig           map[string]any `json:"extraConfig,omitempty"`
}

// Options are the flags and environment of `llmos bootstrap`; they win over the files.
type Options struct {
	Force             bool
	ConfigFile        string
	DataDir           string
	Server            string
	Role              string
	Token             string
	ClusterInit       bool
	KubernetesVersion string
	Mirror            string
}

// LoadConfig merges the file with those of its .d folder (lists are joined, the rest is replaced) and the options.
func LoadConfig(options Options) (Config, error) {
	values := map[string]any{}
	parts, _ := filepath.Glob(options.ConfigFile + ".d/*.y*ml")
	sort.Strings(parts)
	for _, file := range append([]string{options.ConfigFile}, parts...) {
		content, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return Config{}, err
		}
		log.Printf("Loading config file [%s]", file)
		part := map[string]any{}
		if err := yaml.Unmarshal(content, &part); err != nil {
			return Config{}, fmt.Errorf("%s: %w", file, err)
		}
		merge(values, part)
	}
	merged, err := yaml.Marshal(values)
	if err != nil {
		return Config{}, err
	}
	var config Config
	if err := yaml.Unmarshal(merged, &config); err != nil {
		return Config{}, err
	}
	return withDefaults(config, options), nil
}

func merge(into, part map[string]any) {
	for key, value := range part {
		old, isList := into[key].([]any)
		if added, too := value.([]any); isList && too {
			value = append(old, added...)
		}
		into[key] = value
	}
}

func withDefaults(config Config, options Options) Config {
	if options.ClusterInit {
		config.Role = RoleInit
	}
	for _, given := range []struct {
		value string
		into  *string
	}{{options.Server, &config.Server}, {options.Role, &config.Role}, {options.Token, &config.Token}, {options.Mirror, &config.Mirror}} {
		if given.value != "" {
			*given.into = given.value
		}
	}
	config.Labels = append(config.Labels, "llmos.ai/managed=true")
	if config.Role == "" && config.Server != "" && config.Token != "" {
		config.Role = RoleAgent
	}
	if config.KubernetesVersion == "" {
		config.KubernetesVersion = options.KubernetesVersion
	}
	if config.ExtraConfig == nil {
		config.ExtraConfig = map[string]any{}
	}
	if _, set := config.ExtraConfig["etcd-expose-metrics"]; !set && config.Role != RoleAgent {
		config.ExtraConfig["etcd-expose-metrics"] = true
	}
	return config
}
