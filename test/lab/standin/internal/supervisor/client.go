package supervisor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"llmos-nodes/standin/internal/token"
)

// Client asks a supervisor with the join token.
type Client struct {
	URL  string
	User string
	// ServerCA is the cluster's CA as the supervisor showed it and, where the token holds its hash, as verified.
	ServerCA []byte
	secret   string
	http     *http.Client
}

// Connect fetches the cluster's CA and checks it against the token.
func Connect(ctx context.Context, url, user, joinToken string) (*Client, error) {
	parsed, err := token.Parse(joinToken)
	if err != nil {
		return nil, err
	}
	client := &Client{URL: strings.TrimSuffix(url, "/"), User: user, secret: parsed.Secret}
	// The CA is not known yet; the hash in the token is what vouches for it, as in k3s.
	client.http = httpClient(&tls.Config{InsecureSkipVerify: true})
	ca, err := client.do(ctx, http.MethodGet, "/cacerts", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("failed to get CA certs: %w", err)
	}
	if parsed.CAHash != "" && parsed.CAHash != token.Hash(ca) {
		return nil, fmt.Errorf("token CA hash does not match the Cluster CA certificate hash: %s != %s", parsed.CAHash, token.Hash(ca))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s/cacerts is not a PEM file", client.URL)
	}
	client.ServerCA = ca
	client.http = httpClient(&tls.Config{RootCAs: pool})
	return client, nil
}

// Get reads a route's answer into out.
func (c *Client) Get(ctx context.Context, route string, out any) error {
	body, err := c.do(ctx, http.MethodGet, route, nil, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, out)
}

// Put sends in; nothing but the status is answered.
func (c *Client) Put(ctx context.Context, route string, in any) error {
	content, err := json.Marshal(in)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, http.MethodPut, route, nil, content)
	return err
}

// Post sends in with the headers and reads the answer into out.
func (c *Client) Post(ctx context.Context, route string, headers map[string]string, in, out any) error {
	content, err := json.Marshal(in)
	if err != nil {
		return err
	}
	body, err := c.do(ctx, http.MethodPost, route, headers, content)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, out)
}

func (c *Client) do(ctx context.Context, method, route string, headers map[string]string, content []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+route, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(c.User, c.secret)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s%s: %s: %s", c.URL, route, response.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}

func httpClient(config *tls.Config) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}
