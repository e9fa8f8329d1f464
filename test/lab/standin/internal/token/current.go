package token

import "sync"

// Current is the secret a running server takes. A rotation changes it.
type Current struct {
	mutex  sync.RWMutex
	secret string
}

// NewCurrent starts from the secret the server was started with.
func NewCurrent(secret string) *Current { return &Current{secret: secret} }

// Secret is the one that is taken now.
func (c *Current) Secret() string {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	return c.secret
}

// Matches compares a token that a client showed with the current secret.
func (c *Current) Matches(shown string) bool { return Matches(shown, c.Secret()) }

// Replace makes the server take this secret and no other, and returns the one it took before.
func (c *Current) Replace(secret string) (old string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	old, c.secret = c.secret, secret
	return old
}
