package agent

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/proc"
)

const networkInterval = 2 * time.Second

// followCluster keeps the pod network's routes and the balancer's servers as the cluster says, until ctx ends.
func followCluster(ctx context.Context, client kubernetes.Interface, config k3sconfig.Config, balancer *Balancer) {
	routes := map[string]string{}
	for ctx.Err() == nil {
		if nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"}); err == nil {
			for i := range nodes.Items {
				if err := follow(&nodes.Items[i], config.NodeName, routes); err != nil {
					log.Printf("pod network: %v", err)
				}
			}
			dropRoutes(nodes.Items, routes)
		}
		if servers, err := apiServers(ctx, client); err == nil {
			balancer.SetServers(servers)
		}
		proc.Sleep(ctx, networkInterval)
	}
}

func follow(node *corev1.Node, self string, routes map[string]string) error {
	if node.Spec.PodCIDR == "" {
		return nil
	}
	if node.Name == self {
		return writeCNI(node.Spec.PodCIDR)
	}
	for _, address := range node.Status.Addresses {
		if address.Type != corev1.NodeInternalIP || routes[node.Spec.PodCIDR] == address.Address {
			continue
		}
		if err := ip("route", "replace", node.Spec.PodCIDR, "via", address.Address); err != nil {
			return err
		}
		routes[node.Spec.PodCIDR] = address.Address
	}
	return nil
}

func dropRoutes(nodes []corev1.Node, routes map[string]string) {
	current := map[string]bool{}
	for i := range nodes {
		current[nodes[i].Spec.PodCIDR] = true
	}
	for cidr := range routes {
		if !current[cidr] {
			_ = ip("route", "del", cidr)
			delete(routes, cidr)
		}
	}
}

func ip(args ...string) error {
	output, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %v: %w: %s", args, err, output)
	}
	return nil
}

// writeCNI sets up the pod bridge; the node is not Ready before.
func writeCNI(podCIDR string) error {
	file := filepath.Join(cniConfigDir(), "10-bridge.conflist")
	content := fmt.Sprintf(`{"cniVersion":"1.0.0","name":"cbr0","plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":%q}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
`, podCIDR)
	if old, err := os.ReadFile(file); err == nil && string(old) == content {
		return nil
	}
	// A bridge of an earlier life of this host has the wrong address and would break every pod.
	_ = exec.Command("ip", "link", "del", "cni0").Run()
	return os.WriteFile(file, []byte(content), 0o600)
}

// apiServers are the servers that are up, by what they say of themselves in the endpoints of default/kubernetes.
func apiServers(ctx context.Context, client kubernetes.Interface) ([]string, error) {
	slices, err := client.DiscoveryV1().EndpointSlices(metav1.NamespaceDefault).List(ctx,
		metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=kubernetes"})
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, slice := range slices.Items {
		if len(slice.Ports) == 0 || slice.Ports[0].Port == nil {
			continue
		}
		port := strconv.Itoa(int(*slice.Ports[0].Port))
		for _, endpoint := range slice.Endpoints {
			for _, address := range endpoint.Addresses {
				servers = append(servers, net.JoinHostPort(address, port))
			}
		}
	}
	return servers, nil
}
