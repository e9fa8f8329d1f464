package membership

import (
	"context"
	"log"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"llmos-nodes/standin/internal/datastore"
)

// lookInterval is how soon a change of a Node is noticed at the latest.
const lookInterval = time.Second

// Controller is this server's share in the work. What concerns its own Node every server does; what concerns the
// cluster only the one whose etcd member leads, in place of k3s's lease.
type Controller struct {
	Kube          kubernetes.Interface
	Etcd          *clientv3.Client
	Member        *datastore.Member
	NodeName      string
	PromotionTick time.Duration
	StallTimeout  time.Duration

	// owned are the Nodes (by UID) whose node-password Secret is known to be theirs.
	owned map[string]bool
}

// ManageMembers promotes learners and reports who votes, every tick, until ctx ends.
func (c *Controller) ManageMembers(ctx context.Context) {
	every(ctx, c.PromotionTick, func() {
		if !datastore.IsLeader(ctx, c.Etcd) {
			return
		}
		members, err := c.members(ctx)
		if err != nil {
			log.Printf("learner management: %v", err)
			return
		}
		for _, member := range members {
			if !member.IsLearner {
				continue
			}
			if err := datastore.ManageLearner(ctx, c.Etcd, member, c.StallTimeout); err != nil {
				log.Printf("learner management: %v", err)
			}
		}
		c.reportVoters(ctx, members)
	})
}

// WatchNodes handles the Nodes until ctx ends.
func (c *Controller) WatchNodes(ctx context.Context) {
	c.owned = map[string]bool{}
	every(ctx, lookInterval, func() {
		nodes, err := c.Kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			log.Printf("listing nodes: %v", err)
			return
		}
		leader := datastore.IsLeader(ctx, c.Etcd)
		for i := range nodes.Items {
			node := &nodes.Items[i]
			err := c.handle(ctx, node, leader)
			if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
				log.Printf("node %s: %v", node.Name, err)
			}
		}
	})
}

func (c *Controller) handle(ctx context.Context, node *corev1.Node, leader bool) error {
	if node.Name == c.NodeName && node.DeletionTimestamp == nil {
		if changed, err := c.markSelf(ctx, node); changed || err != nil {
			return err
		}
	}
	if !leader {
		return nil
	}
	if node.DeletionTimestamp != nil {
		return c.finalize(ctx, node)
	}
	if err := c.ownPassword(ctx, node); err != nil {
		return err
	}
	if changed, err := c.addFinalizer(ctx, node); changed || err != nil {
		return err
	}
	return c.removeOnRequest(ctx, node)
}

func (c *Controller) members(ctx context.Context) ([]*etcdserverpb.Member, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list, err := c.Etcd.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	return list.Members, nil
}

func (c *Controller) update(ctx context.Context, node *corev1.Node) error {
	_, err := c.Kube.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{})
	return err
}

func every(ctx context.Context, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}
