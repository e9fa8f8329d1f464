package datastore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// bootstrapPrefix is where k3s keeps the cluster's authorities, encrypted with the join token. The stand-in keeps only
// the key: it is what ties the data to a token.
const bootstrapPrefix = "/bootstrap/"

// ErrOtherToken says that the data belongs to another token than the one this server was started with.
var ErrOtherToken = errors.New("bootstrap data already found and encrypted with different token")

func bootstrapKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return bootstrapPrefix + hex.EncodeToString(sum[:])[:12]
}

// CheckToken returns ErrOtherToken when the data was written with another token. Data without a bootstrap key takes any.
func CheckToken(ctx context.Context, store clientv3.KV, secret string) error {
	keys, err := bootstrapKeys(ctx, store)
	if err != nil || len(keys) == 0 {
		return err
	}
	for _, key := range keys {
		if key == bootstrapKey(secret) {
			return nil
		}
	}
	return ErrOtherToken
}

// SaveToken ties the data to the token, unless it is tied to one already.
func SaveToken(ctx context.Context, store clientv3.KV, secret string) error {
	keys, err := bootstrapKeys(ctx, store)
	if err != nil || len(keys) > 0 {
		return err
	}
	_, err = store.Put(ctx, bootstrapKey(secret), "")
	return err
}

// RotateToken ties the data to another token. As in k3s it is an error where it was not tied to the old one: another
// server was rotated meanwhile and this one was not restarted since.
func RotateToken(ctx context.Context, store clientv3.KV, old, secret string) error {
	keys, err := bootstrapKeys(ctx, store)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key != bootstrapKey(old) || old == secret {
			continue
		}
		if _, err := store.Put(ctx, bootstrapKey(secret), ""); err != nil {
			return err
		}
		if _, err := store.Delete(ctx, key); err != nil {
			return err
		}
	}
	return CheckToken(ctx, store, secret)
}

func bootstrapKeys(ctx context.Context, store clientv3.KV) ([]string, error) {
	answer, err := store.Get(ctx, bootstrapPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		return nil, fmt.Errorf("reading the bootstrap data: %w", err)
	}
	var keys []string
	for _, pair := range answer.Kvs {
		keys = append(keys, string(pair.Key))
	}
	return keys, nil
}
