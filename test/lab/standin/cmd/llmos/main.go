// Command llmos stands in for the LLMOS command line in the lab.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"llmos-nodes/standin/internal/llmos"
)

const (
	dataDir           = "/var/lib/llmos"
	configFile        = "/etc/llmos/config.yaml"
	kubernetesVersion = "v1.34.4+k3s1"
)

func main() {
	log.SetFlags(0)
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case "bootstrap":
		if err := llmos.Bootstrap(options(os.Args[2:]), retryInterval()); err != nil {
			log.Fatal(err)
		}
	case "get-token":
		token, err := llmos.Token(environment("LLMOS_DATA_DIR", dataDir))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(token)
	default:
		log.Fatal("usage: llmos bootstrap | get-token")
	}
}

func options(args []string) llmos.Options {
	var o llmos.Options
	flags := flag.NewFlagSet("bootstrap", flag.ExitOnError)
	flags.BoolVar(&o.Force, "force", os.Getenv("LLMOS_BOOTSTRAP_FORCE") == "true", "run bootstrap even if already bootstrapped")
	flags.StringVar(&o.ConfigFile, "config", environment("LLMOS_CONFIG_FILE", configFile), "config file")
	flags.StringVar(&o.DataDir, "data-dir", environment("LLMOS_DATA_DIR", dataDir), "state folder")
	flags.StringVar(&o.Server, "server", os.Getenv("LLMOS_SERVER"), "server URL to join")
	flags.StringVar(&o.Role, "role", os.Getenv("LLMOS_ROLE"), "server or agent")
	flags.StringVar(&o.Token, "token", os.Getenv("LLMOS_TOKEN"), "join token")
	flags.BoolVar(&o.ClusterInit, "cluster-init", os.Getenv("LLMOS_CLUSTER_INIT") == "true", "start a cluster")
	flags.StringVar(&o.KubernetesVersion, "kubernetes-version", environment("LLMOS_KUBERNETES_VERSION", kubernetesVersion), "Kubernetes version")
	flags.StringVar(&o.Mirror, "mirror", os.Getenv("LLMOS_MIRROR"), "mirror registry (cn)")
	_ = flags.Parse(args)
	return o
}

// retryInterval is 15 s as in LLMOS; a lab sets LLMOS_LAB_RETRY in /etc/default/llmos to wait less.
func retryInterval() time.Duration {
	if interval, err := time.ParseDuration(os.Getenv("LLMOS_LAB_RETRY")); err == nil && interval > 0 {
		return interval
	}
	return 15 * time.Second
}

func environment(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
