package membership

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"llmos-nodes/standin/internal/supervisor"
)

// markSelf writes this server's roles and member onto its own Node.
func (c *Controller) markSelf(ctx context.Context, node *corev1.Node) (changed bool, err error) {
	labels := map[string]string{labelControlPlane: "true", labelEtcd: "true", labelMaster: "true"}
	annotations := map[string]string{annotationName: c.Member.Name, annotationAddress: c.Member.Address}
	if holds(node.Labels, labels) && holds(node.Annotations, annotations) {
		return false, nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}})
	if err != nil {
		return false, err
	}
	_, err = c.Kube.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	return true, err
}

func holds(have, want map[string]string) bool {
	for key, value := range want {
		if have[key] != value {
			return false
		}
	}
	return true
}

// addFinalizer makes sure that the deletion of a Node passes through finalize. Every Node gets it, workers too.
func (c *Controller) addFinalizer(ctx context.Context, node *corev1.Node) (changed bool, err error) {
	if slices.Contains(node.Finalizers, finalizer) {
		return false, nil
	}
	node.Finalizers = append(node.Finalizers, finalizer)
	return true, c.update(ctx, node)
}

// finalize removes the member of a Node that is being deleted. It is content when no member matches; a management
// node without the annotations stays, since nobody knows which member it was.
func (c *Controller) finalize(ctx context.Context, node *corev1.Node) error {
	at := slices.Index(node.Finalizers, finalizer)
	if at < 0 {
		return nil
	}
	_, isEtcd := node.Labels[labelEtcd]
	gone := strings.EqualFold(node.Annotations[annotationRemove], "true") && node.Annotations[annotationRemovedName] != ""
	if isEtcd && !gone {
		name, address, err := memberOf(node)
		if err != nil {
			return err
		}
		if err := c.removeMember(ctx, name, address); err != nil {
			return err
		}
	}
	node.Finalizers = slices.Delete(node.Finalizers, at, at+1)
	return c.update(ctx, node)
}

// removeOnRequest removes just the member of a Node annotated for it and writes down which one it was. A member that
// joined since under another name clears the request.
func (c *Controller) removeOnRequest(ctx context.Context, node *corev1.Node) error {
	request, requested := node.Annotations[annotationRemove]
	if _, isEtcd := node.Labels[labelEtcd]; !isEtcd || !requested {
		return nil
	}
	if removed, done := node.Annotations[annotationRemovedName]; done {
		current, known := node.Annotations[annotationName]
		if !known || current == removed {
			return nil
		}
		delete(node.Annotations, annotationRemovedName)
		node.Annotations[annotationRemove] = "false"
		return c.update(ctx, node)
	}
	if !strings.EqualFold(request, "true") {
		return nil
	}
	name, address, err := memberOf(node)
	if err != nil {
		return err
	}
	members, err := c.members(ctx)
	if err != nil {
		return err
	}
	if voters := votersOf(members); len(voters) == 1 && voters[0].Name == name {
		return nil
	}
	if err := c.removeMember(ctx, name, address); err != nil {
		return err
	}
	node.Annotations[annotationRemovedName] = name
	delete(node.Annotations, annotationName)
	delete(node.Annotations, annotationAddress)
	return c.update(ctx, node)
}

func memberOf(node *corev1.Node) (name, address string, err error) {
	name, address = node.Annotations[annotationName], node.Annotations[annotationAddress]
	if name == "" || address == "" {
		return "", "", fmt.Errorf("node name or address annotation for node %s not found", node.Name)
	}
	return name, address, nil
}

// removeMember removes the member that has both the name and the address; where none has, there is nothing to do.
func (c *Controller) removeMember(ctx context.Context, name, address string) error {
	members, err := c.members(ctx)
	if err != nil {
		return err
	}
	for _, member := range members {
		if member.Name != name || !slices.ContainsFunc(member.PeerURLs, func(peer string) bool {
			parsed, err := url.Parse(peer)
			return err == nil && parsed.Hostname() == address
		}) {
			continue
		}
		log.Printf("removing name=%s id=%d address=%s from etcd", name, member.ID, address)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if _, err := c.Etcd.MemberRemove(ctx, member.ID); err != nil && err != rpctypes.ErrMemberNotFound {
			return err
		}
		return nil
	}
	return nil
}

func votersOf(members []*etcdserverpb.Member) []*etcdserverpb.Member {
	return slices.DeleteFunc(slices.Clone(members), func(member *etcdserverpb.Member) bool { return member.IsLearner })
}

// reportVoters writes the condition EtcdIsVoter. The Node of a member that is gone keeps the one it had.
func (c *Controller) reportVoters(ctx context.Context, members []*etcdserverpb.Member) {
	nodes, err := c.Kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: labelEtcd})
	if err != nil {
		return
	}
	for i := range nodes.Items {
		node := &nodes.Items[i]
		for _, member := range members {
			if member.Name == "" || member.Name != node.Annotations[annotationName] {
				continue
			}
			if err := c.setVoter(ctx, node, !member.IsLearner); err != nil {
				log.Printf("condition %s of node %s: %v", conditionVoter, node.Name, err)
			}
		}
	}
}

func (c *Controller) setVoter(ctx context.Context, node *corev1.Node, voter bool) error {
	now := metav1.Now()
	condition := corev1.NodeCondition{Type: conditionVoter, Status: corev1.ConditionFalse, Reason: "MemberIsLearner",
		Message: "Node has not been promoted to voting member of the etcd cluster", LastHeartbeatTime: now, LastTransitionTime: now}
	if voter {
		condition.Status, condition.Reason = corev1.ConditionTrue, "MemberNotLearner"
		condition.Message = "Node is a voting member of the etcd cluster"
	}
	for _, old := range node.Status.Conditions {
		if old.Type == conditionVoter && old.Status == condition.Status {
			condition.LastTransitionTime = old.LastTransitionTime
		}
	}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"conditions": []corev1.NodeCondition{condition}}})
	if err != nil {
		return err
	}
	_, err = c.Kube.CoreV1().Nodes().PatchStatus(ctx, node.Name, patch)
	return err
}

// ownPassword makes the Node the owner of its node-password Secret, so that the garbage collector removes it with the Node.
func (c *Controller) ownPassword(ctx context.Context, node *corev1.Node) error {
	if c.owned[string(node.UID)] {
		return nil
	}
	secrets := c.Kube.CoreV1().Secrets(metav1.NamespaceSystem)
	secret, err := secrets.Get(ctx, supervisor.PasswordSecret(node.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	owner := metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}
	if !slices.ContainsFunc(secret.OwnerReferences, func(o metav1.OwnerReference) bool { return o.UID == node.UID }) {
		secret.OwnerReferences = []metav1.OwnerReference{owner}
		if _, err := secrets.Update(ctx, secret, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	c.owned[string(node.UID)] = true
	return nil
}
