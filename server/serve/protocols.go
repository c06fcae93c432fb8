package serve

import (
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"lendleaf/server/api"
)

// speak leads what is asked in further protocols to calls. What they ask of the
// server alone is answered as /healthz and /readyz are, and needs no token.
func speak(routes *api.Routes, protocols []string, calls http.Handler) {
	if slices.Contains(protocols, "v2") {
		other := routes.Other
		// The model's name is a part of paths, and may change while the server runs.
		routes.Other = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/v2/") {
				calls.ServeHTTP(w, r)
				return
			}
			other.ServeHTTP(w, r)
		})
		routes.Paths["/v2/health/live"] = routes.Paths["/healthz"]
		routes.Paths["/v2/health/ready"] = routes.Paths["/readyz"]
	}
	if slices.Contains(protocols, "mlflow") {
		routes.Paths["/ping"] = routes.Paths["/readyz"]
		routes.Paths["/health"] = routes.Paths["/readyz"]
		routes.Paths["/version"] = api.Read(version)
	}
}

// version answers with the version that the server was built of, as text.
func version(w http.ResponseWriter, _ *http.Request) {
	text := "unknown"
	if build, ok := debug.ReadBuildInfo(); ok {
		text = build.Main.Version
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}
