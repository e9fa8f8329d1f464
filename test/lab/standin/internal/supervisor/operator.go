package supervisor

import (
	"context"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"llmos-nodes/standin/internal/paths"
)

// The first node's `llmos bootstrap` installs the operator; in the stand-in that is this ConfigMap.
const (
	OperatorNamespace = "llmos-system"
	OperatorConfigMap = "llmos-cluster-info"
)

// ClusterInfo is the operator's answer to a joining node.
type ClusterInfo struct {
	K8sVersion           string `json:"k8sVersion"`
	LLMOSOperatorVersion string `json:"llmosOperatorVersion"`
}

// ListenOperator stands in for the LLMOS operator: cluster-info for whoever bears the join token, 401 for all others.
func (s *Server) ListenOperator(ctx context.Context, addresses []string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1-cluster/cluster-info", func(w http.ResponseWriter, r *http.Request) {
		bearer, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !given || !s.Token.Matches(bearer) {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		config, err := s.Kube.CoreV1().ConfigMaps(OperatorNamespace).Get(r.Context(), OperatorConfigMap, metav1.GetOptions{})
		if err != nil {
			http.Error(w, "the operator is not installed yet", http.StatusServiceUnavailable)
			return
		}
		// Not the version the cluster was made with: that of the API server it talks to.
		version, err := s.Kube.Discovery().ServerVersion()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, ClusterInfo{K8sVersion: version.GitVersion, LLMOSOperatorVersion: config.Data["llmosOperatorVersion"]})
	})
	return serve(ctx, mux, addresses, paths.OperatorPort)
}
