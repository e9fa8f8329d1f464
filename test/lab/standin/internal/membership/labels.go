// Package membership keeps the Nodes and the etcd members of a cluster in step, the way k3s's controllers do.
package membership

// Labels, annotations, finalizer and condition of a management node's Node, as k3s writes them.
const (
	labelControlPlane = "node-role.kubernetes.io/control-plane"
	labelEtcd         = "node-role.kubernetes.io/etcd"
	labelMaster       = "node-role.kubernetes.io/master"

	annotationName        = "etcd.k3s.cattle.io/node-name"
	annotationAddress     = "etcd.k3s.cattle.io/node-address"
	annotationRemove      = "etcd.k3s.cattle.io/remove"
	annotationRemovedName = "etcd.k3s.cattle.io/removed-node-name"

	finalizer = "wrangler.cattle.io/managed-etcd-controller"

	conditionVoter = "EtcdIsVoter"
)
