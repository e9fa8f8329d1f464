package datastore

import (
	"context"
	"errors"
	"sort"
	"testing"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// memory is the little of etcd that a bootstrap key needs.
type memory struct {
	clientv3.KV
	keys map[string]bool
}

func (m memory) Get(context.Context, string, ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	answer := &clientv3.GetResponse{}
	for key := range m.keys {
		answer.Kvs = append(answer.Kvs, &mvccpb.KeyValue{Key: []byte(key)})
	}
	sort.Slice(answer.Kvs, func(i, j int) bool { return string(answer.Kvs[i].Key) < string(answer.Kvs[j].Key) })
	return answer, nil
}

func (m memory) Put(_ context.Context, key, _ string, _ ...clientv3.OpOption) (*clientv3.PutResponse, error) {
	m.keys[key] = true
	return &clientv3.PutResponse{}, nil
}

func (m memory) Delete(_ context.Context, key string, _ ...clientv3.OpOption) (*clientv3.DeleteResponse, error) {
	delete(m.keys, key)
	return &clientv3.DeleteResponse{}, nil
}

func TestDataBelongsToOneTokenAtATime(t *testing.T) {
	ctx, store := context.Background(), memory{keys: map[string]bool{}}
	expect := func(what string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	expect("data without a key takes any token", CheckToken(ctx, store, "a"), nil)
	expect("the first save ties it", SaveToken(ctx, store, "a"), nil)
	expect("a second save changes nothing", SaveToken(ctx, store, "b"), nil)
	expect("its token", CheckToken(ctx, store, "a"), nil)
	expect("another one", CheckToken(ctx, store, "b"), ErrOtherToken)

	expect("a rotation", RotateToken(ctx, store, "a", "b"), nil)
	expect("the old token afterwards", CheckToken(ctx, store, "a"), ErrOtherToken)
	expect("the new one", CheckToken(ctx, store, "b"), nil)
	expect("the same rotation again", RotateToken(ctx, store, "b", "b"), nil)
	expect("a server that was not restarted cannot rotate", RotateToken(ctx, store, "a", "c"), ErrOtherToken)
	expect("and breaks nothing by trying", CheckToken(ctx, store, "b"), nil)
	if len(store.keys) != 1 {
		t.Errorf("keys left: %v", store.keys)
	}
}
