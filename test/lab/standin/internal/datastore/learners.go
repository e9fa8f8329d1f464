package datastore

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

const progressKey = "k3s/etcd/learnerProgress"

// progress of the learner, kept in etcd so that a new leader goes on counting.
type progress struct {
	ID               uint64    `json:"id,omitempty"`
	Name             string    `json:"name,omitempty"`
	RaftAppliedIndex uint64    `json:"raftAppliedIndex,omitempty"`
	LastProgress     time.Time `json:"lastProgress,omitempty"`
}

// ManageLearner promotes the learner, or throws it out when it made no progress for stall.
func ManageLearner(ctx context.Context, client *clientv3.Client, learner *etcdserverpb.Member, stall time.Duration) error {
	_, err := client.MemberPromote(ctx, learner.ID)
	if err == nil {
		log.Printf("promoted learner %s", learner.Name)
		learner.IsLearner = false
		return nil
	}
	log.Printf("learner %q is not promoted yet: %v", learner.Name, err)

	now := time.Now()
	seen, err := readProgress(ctx, client)
	if err != nil {
		return err
	}
	if seen.ID != learner.ID || seen.Name != learner.Name {
		seen = progress{ID: learner.ID, Name: learner.Name, LastProgress: now}
	}
	for _, url := range learner.ClientURLs {
		statusCtx, cancel := context.WithTimeout(ctx, 2*time.Second)
		status, err := client.Status(statusCtx, url)
		cancel()
		if err == nil && status.RaftAppliedIndex > seen.RaftAppliedIndex {
			seen.RaftAppliedIndex, seen.LastProgress = status.RaftAppliedIndex, now
		}
	}
	if now.Sub(seen.LastProgress) > stall {
		log.Printf("learner %q made no progress for %s: removing it", learner.Name, stall)
		_, err := client.MemberRemove(ctx, learner.ID)
		return err
	}
	return writeProgress(ctx, client, seen)
}

func readProgress(ctx context.Context, client *clientv3.Client) (progress, error) {
	var seen progress
	answer, err := client.Get(ctx, progressKey)
	if err != nil || len(answer.Kvs) == 0 {
		return seen, err
	}
	return seen, json.Unmarshal(answer.Kvs[0].Value, &seen)
}

func writeProgress(ctx context.Context, client *clientv3.Client, seen progress) error {
	value, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	_, err = client.Put(ctx, progressKey, string(value))
	return err
}
