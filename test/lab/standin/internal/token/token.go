// Package token reads and writes k3s join tokens: `K10<sha256 of the server CA>::server:<secret>`, or the secret alone.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"llmos-nodes/standin/internal/paths"
)

const prefix = "K10"

// Token is a join token taken apart. CAHash is empty when only the secret was given.
type Token struct {
	CAHash string
	Secret string
}

// Parse takes a token apart.
func Parse(text string) (Token, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Token{}, fmt.Errorf("token is empty")
	}
	if !strings.HasPrefix(text, prefix) {
		return Token{Secret: text}, nil
	}
	hash, credentials, found := strings.Cut(strings.TrimPrefix(text, prefix), "::")
	_, secret, named := strings.Cut(credentials, ":")
	if !found || !named || secret == "" {
		return Token{}, fmt.Errorf("token is not of the form K10<CA-HASH>::<USERNAME>:<PASSWORD>")
	}
	return Token{CAHash: hash, Secret: secret}, nil
}

// New makes a random secret.
func New() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

// Format is the full token for a server CA.
func Format(secret string, serverCA []byte) string {
	return prefix + Hash(serverCA) + "::server:" + secret
}

// Hash is the CA's fingerprint in a token.
func Hash(serverCA []byte) string {
	sum := sha256.Sum256(serverCA)
	return hex.EncodeToString(sum[:])
}

// Matches compares a token that a client showed with the cluster's secret.
func Matches(shown, secret string) bool {
	parsed, err := Parse(shown)
	return err == nil && subtle.ConstantTimeCompare([]byte(parsed.Secret), []byte(secret)) == 1
}

// File is where a server keeps the full token.
func File() string { return paths.Server("token") }

// Stored reads the secret of the server's own token file; empty when there is none.
func Stored() string {
	content, err := os.ReadFile(File())
	if err != nil {
		return ""
	}
	parsed, err := Parse(string(content))
	if err != nil {
		return ""
	}
	return parsed.Secret
}

// Store writes the full token, with the name older tools read as a link to it.
func Store(secret string, serverCA []byte) error {
	if err := os.WriteFile(File(), []byte(Format(secret, serverCA)+"\n"), 0o600); err != nil {
		return err
	}
	link := paths.Server("node-token")
	_ = os.Remove(link)
	return os.Symlink(File(), link)
}
