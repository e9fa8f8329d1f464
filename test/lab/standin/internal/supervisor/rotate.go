package supervisor

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"llmos-nodes/standin/internal/datastore"
	"llmos-nodes/standin/internal/paths"
	"llmos-nodes/standin/internal/token"
)

// TokenRequest asks for another join token; the server makes one where it is empty.
type TokenRequest struct {
	NewToken *string `json:"newToken,omitempty"`
}

// rotate makes this server take another join token from now on. The others take the old one until they are restarted,
// and start only with the new one.
func (s *Server) rotate(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var request TokenRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if request.NewToken == nil {
		http.Error(w, "newToken is required", http.StatusBadRequest)
		return
	}
	secret := *request.NewToken
	if secret == "" {
		secret = token.New()
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	if err := s.take(ctx, secret); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// take keeps k3s's order: the server's own token changes first, whether or not the data can follow.
func (s *Server) take(ctx context.Context, secret string) error {
	serverCA, err := os.ReadFile(paths.TLS("server-ca.crt"))
	if err != nil {
		return err
	}
	old := s.Token.Replace(secret)
	if err := token.Store(secret, serverCA); err != nil {
		return err
	}
	return datastore.RotateToken(ctx, s.Etcd, old, secret)
}

// Rotate is `k3s token rotate`.
func Rotate(ctx context.Context, url, joinToken, newToken string) error {
	client, err := Connect(ctx, url, UserServer, joinToken)
	if err != nil {
		return err
	}
	return client.Put(ctx, PathToken, TokenRequest{NewToken: &newToken})
}
