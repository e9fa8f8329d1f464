package llmos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/kube"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
	"llmos-nodes/standin/internal/supervisor"
)

// waitActive waits for an agent: its unit being active is all LLMOS asks of one.
func waitActive(service string) error {
	return proc.Until(context.Background(), time.Second, service+" to be active", func(context.Context) error {
		state, err := exec.Command("systemctl", "is-active", service).Output()
		if err != nil {
			return errors.New(strings.TrimSpace(string(state)))
		}
		return nil
	})
}

// waitReady waits for a management node: its Node is Ready. LLMOS does not ask whether its etcd member votes.
func waitReady(config Config) error {
	name := config.NodeName
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return err
		}
		name = strings.ToLower(host)
	}
	return withAPI(func(ctx context.Context, client kubernetes.Interface) error {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
				return nil
			}
		}
		return fmt.Errorf("node %s is not Ready", name)
	})
}

// installOperator writes what the operator's stand-in answers to joining nodes.
func installOperator(config Config) error {
	return withAPI(func(ctx context.Context, client kubernetes.Interface) error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: supervisor.OperatorNamespace}}
		if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
		info := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: supervisor.OperatorConfigMap},
			Data:       map[string]string{"k8sVersion": config.KubernetesVersion, "llmosOperatorVersion": config.LLMOSOperatorVersion},
		}
		maps := client.CoreV1().ConfigMaps(supervisor.OperatorNamespace)
		_, err := maps.Create(ctx, info, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			_, err = maps.Update(ctx, info, metav1.UpdateOptions{})
		}
		return err
	})
}

func withAPI(try func(context.Context, kubernetes.Interface) error) error {
	return proc.Until(context.Background(), 500*time.Millisecond, "Kubernetes", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		client, err := kube.FileClient(paths.AdminKubeconfig)
		if err != nil {
			return err
		}
		return try(ctx, client)
	})
}
