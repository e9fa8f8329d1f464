package datastore

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/proc"
)

// errMemberList is a member list that could not be had: worth another try.
var errMemberList = errors.New("failed to get the etcd member list")

// Join adds this server to a cluster as a learner, unless it is already listed. It waits while another learner is not
// promoted yet, while the cluster is unhealthy or does not give its members, and fails for good for any other reason.
func (m *Member) Join(ctx context.Context, info func(context.Context) (Members, error)) (Start, error) {
	var start Start
	err := proc.Until(ctx, time.Second, "the etcd cluster to take this member", func(ctx context.Context) error {
		var err error
		start, err = m.join(ctx, info)
		if err == nil || retriable(err) {
			return err
		}
		return proc.Stop(err)
	})
	return start, err
}

func retriable(err error) bool {
	return errors.Is(err, rpctypes.ErrTooManyLearners) || errors.Is(err, rpctypes.ErrUnhealthy) || errors.Is(err, errMemberList)
}

func (m *Member) join(ctx context.Context, info func(context.Context) (Members, error)) (Start, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	known, err := info(ctx)
	if err != nil {
		return Start{}, fmt.Errorf("%w: %v", errMemberList, err)
	}
	endpoints := m.voterURLs(known.Members)
	if len(endpoints) == 0 {
		return Start{}, fmt.Errorf("%w: no voter to ask", errMemberList)
	}
	client, err := Client(endpoints...)
	if err != nil {
		return Start{}, err
	}
	defer client.Close()
	list, err := client.MemberList(ctx)
	if err != nil {
		return Start{}, fmt.Errorf("%w: %v", errMemberList, err)
	}
	cluster, listed, err := m.place(list.Members)
	if err != nil {
		return Start{}, err
	}
	if !listed {
		log.Printf("adding %s to the etcd cluster %v", m.PeerURL(), cluster)
		if _, err := client.MemberAddAsLearner(ctx, []string{m.PeerURL()}); err != nil {
			return Start{}, err
		}
		cluster = append(cluster, m.Name+"="+m.PeerURL())
	}
	return Start{InitialCluster: strings.Join(cluster, ","), State: "existing"}, nil
}

// voterURLs are the client URLs of the voters other than this one.
func (m *Member) voterURLs(members []*etcdserverpb.Member) []string {
	var urls []string
	for _, member := range members {
		if member.IsLearner || hostOf(member.PeerURLs) == m.Address {
			continue
		}
		urls = append(urls, member.ClientURLs...)
	}
	return urls
}

// place turns the member list into etcd's initial cluster and tells whether this member is in it already.
func (m *Member) place(members []*etcdserverpb.Member) (cluster []string, listed bool, err error) {
	for _, member := range members {
		name := member.Name
		// A member that was added and never started has no name; with this address it is this one.
		if name == "" && hostOf(member.PeerURLs) == m.Address {
			name = m.Name
		}
		if name == m.Name {
			listed = true
		} else if nodeOf(name) == m.config.NodeName {
			// The next start makes up another name, as k3s does.
			_ = os.Remove(paths.Etcd("name"))
			return nil, false, errors.New("duplicate node name found, please use a unique name for this node")
		}
		if len(member.PeerURLs) > 0 {
			cluster = append(cluster, name+"="+member.PeerURLs[0])
		}
	}
	return cluster, listed, nil
}

func nodeOf(memberName string) string {
	if at := strings.LastIndex(memberName, "-"); at > 0 {
		return memberName[:at]
	}
	return memberName
}

func hostOf(urls []string) string {
	if len(urls) == 0 {
		return ""
	}
	parsed, err := url.Parse(urls[0])
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}
