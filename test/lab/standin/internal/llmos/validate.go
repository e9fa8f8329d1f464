package llmos

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tries of a request, with growing pauses of 1, 2 and 4 seconds between them.
const tries = 4

// Validate checks what LLMOS counts as an invalid config, which ends the bootstrap for good. That the server does not
// answer just now counts too.
func Validate(config Config) error {
	switch {
	case config.Role == "" && config.Server == "":
		return errors.New("neither cluster-init role nor server URL is defined, skipping bootstrap")
	case config.Role == RoleInit && config.Server != "":
		return errors.New("cluster-init role and server URL are mutually exclusive, please select only one")
	case config.Server != "":
		if err := validateServer(config.Server); err != nil {
			return fmt.Errorf("invalid server URL: %w", err)
		}
	}
	if config.Server != "" && config.Token == "" {
		return errors.New("server URL is defined but token is not, skipping bootstrap")
	}
	if config.Mirror != "" && config.Mirror != "cn" {
		return fmt.Errorf("invalid mirror %s, only [cn] is supported for now", config.Mirror)
	}
	return nil
}

func validateServer(server string) error {
	parsed, err := url.Parse(server)
	if err != nil {
		return err
	}
	if parsed.Scheme != "https" {
		return errors.New("scheme must be https")
	}
	if port := parsed.Port(); port != "6443" && port != "9345" {
		return errors.New("port must be 6443 or 9345")
	}
	response, err := request(strings.TrimSuffix(server, "/")+"/ping", "")
	if err != nil {
		return fmt.Errorf("failed to check server URL: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || string(body) != "pong" {
		return fmt.Errorf("server url is not ready: %s", body)
	}
	return nil
}

// request asks up to four times: a connection that fails and a server error are worth another try, a refusal is not.
func request(url, bearer string) (*http.Response, error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}}
	ask, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		ask.Header.Set("Authorization", "Bearer "+bearer)
	}
	for try := 1; ; try++ {
		response, err := client.Do(ask)
		if err == nil && response.StatusCode < http.StatusInternalServerError {
			return response, nil
		}
		if err == nil {
			response.Body.Close()
			err = fmt.Errorf("unexpected HTTP status %s", response.Status)
		}
		if try == tries {
			return nil, fmt.Errorf("GET %s giving up after %d attempt(s): %w", url, tries, err)
		}
		time.Sleep(time.Duration(1<<(try-1)) * time.Second)
	}
}
