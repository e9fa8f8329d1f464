// Package controlplane starts the real API server, controller manager and scheduler of a server.
package controlplane

import (
	"fmt"
	"path/filepath"
	"strconv"

	"llmos-nodes/standin/internal/k3sconfig"
	"llmos-nodes/standin/internal/kube"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/pki"
	"llmos-nodes/standin/internal/proc"
)

// LocalAPI is this server's own API server, without the front.
var LocalAPI = "https://" + paths.APIServerAddress + ":" + strconv.Itoa(paths.SupervisorPort)

// Identity is one of the server's own clients.
func Identity(name string) kube.Identity {
	return kube.Identity{CA: paths.TLS("server-ca.crt"), Base: paths.TLS(name)}
}

// WriteKubeconfigs writes the administrator's kubeconfig and those of the parts.
func WriteKubeconfigs() error {
	admin := fmt.Sprintf("https://127.0.0.1:%d", paths.SupervisorPort)
	if err := kube.WriteConfig(paths.AdminKubeconfig, admin, Identity("client-admin"), true); err != nil {
		return err
	}
	for file, client := range map[string]string{"controller": "client-controller", "scheduler": "client-scheduler"} {
		if err := kube.WriteConfig(paths.Cred(file+".kubeconfig"), LocalAPI, Identity(client), false); err != nil {
			return err
		}
	}
	return nil
}

// APIServer is the kube-apiserver of this host. It talks to this host's etcd member only, as in k3s.
func APIServer(config k3sconfig.Config) proc.Child {
	tls := func(name string) string { return paths.TLS(filepath.FromSlash(name)) }
	args := []string{
		"--advertise-address=" + config.NodeIP, "--bind-address=" + paths.APIServerAddress,
		fmt.Sprintf("--secure-port=%d", paths.SupervisorPort),
		"--etcd-servers=https://127.0.0.1:2379", "--etcd-cafile=" + tls("etcd/server-ca.crt"),
		"--etcd-certfile=" + tls("etcd/client.crt"), "--etcd-keyfile=" + tls("etcd/client.key"),
		"--client-ca-file=" + tls("client-ca.crt"), "--anonymous-auth=false",
		"--tls-cert-file=" + tls("serving-kube-apiserver.crt"), "--tls-private-key-file=" + tls("serving-kube-apiserver.key"),
		"--kubelet-certificate-authority=" + tls("server-ca.crt"),
		"--kubelet-client-certificate=" + tls("client-kube-apiserver.crt"), "--kubelet-client-key=" + tls("client-kube-apiserver.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--requestheader-client-ca-file=" + tls("request-header-ca.crt"), "--requestheader-allowed-names=system:auth-proxy",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + tls("client-auth-proxy.crt"), "--proxy-client-key-file=" + tls("client-auth-proxy.key"),
		"--service-cluster-ip-range=" + paths.ServiceCIDR,
		"--service-account-issuer=https://kubernetes.default.svc." + paths.ClusterDomain,
		"--service-account-signing-key-file=" + tls(pki.ServiceKey), "--service-account-key-file=" + tls(pki.ServiceKey),
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged",
		"--profiling=false", "--v=0",
	}
	for _, extra := range config.APIServerArgs {
		args = append(args, "--"+extra)
	}
	return proc.Child{Name: "kube-apiserver", Path: paths.Part("kube-apiserver"), Args: args}
}

// ControllerManager is the kube-controller-manager of this host.
func ControllerManager() proc.Child {
	kubeconfig := paths.Cred("controller.kubeconfig")
	return proc.Child{Name: "kube-controller-manager", Path: paths.Part("kube-controller-manager"), Args: []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", "--root-ca-file=" + paths.TLS("server-ca.crt"),
		"--cluster-signing-cert-file=" + paths.TLS("client-ca.crt"), "--cluster-signing-key-file=" + paths.TLS("client-ca.key"),
		"--service-account-private-key-file=" + paths.TLS(pki.ServiceKey), "--use-service-account-credentials",
		"--allocate-node-cidrs", "--cluster-cidr=" + paths.ClusterCIDR, "--service-cluster-ip-range=" + paths.ServiceCIDR,
		"--leader-elect", "--profiling=false", "--v=0",
	}}
}

// Scheduler is the kube-scheduler of this host.
func Scheduler() proc.Child {
	kubeconfig := paths.Cred("scheduler.kubeconfig")
	return proc.Child{Name: "kube-scheduler", Path: paths.Part("kube-scheduler"), Args: []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", "--leader-elect", "--profiling=false", "--v=0",
	}}
}
