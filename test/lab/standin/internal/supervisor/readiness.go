package supervisor

import (
	"context"
	"io"
	"log"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
)

// readiness remembers the API server's answer for a second, since every node's balancer asks for it.
type readiness struct {
	mutex sync.Mutex
	asked time.Time
	err   error
}

func (r *readiness) check(ctx context.Context, client kubernetes.Interface) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if time.Since(r.asked) < time.Second {
		return r.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	r.err = client.CoreV1().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	r.asked = time.Now()
	return r.err
}

// discard drops the noise of half-open handshakes.
func discard() *log.Logger { return log.New(io.Discard, "", 0) }
