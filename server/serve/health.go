package serve

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"lendleaf/server/api"
)

// health gives the handlers that say how the server is: whether it runs, and
// whether it takes more requests, which it does until ctx ends.
func health(ctx context.Context) map[string]http.Handler {
	return map[string]http.Handler{
		"/healthz": api.Read(status("ok")),
		"/readyz": api.Read(func(w http.ResponseWriter, r *http.Request) {
			if ctx.Err() != nil {
				api.Fail(w, http.StatusServiceUnavailable, "Stopping")
				return
			}
			status("ready")(w, r)
		}),
	}
}

// status answers with a word.
func status(word string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":%q}`, word)
	}
}

// askHealth is for container health checks, in images without a shell. An address
// without a host is this machine.
func askHealth(ctx context.Context, o *options) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, o.scheme()+"://"+o.addr+"/readyz", nil)
	if err != nil {
		return err
	}
	// It asks itself, by a name that a certificate need not have.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", response.Status)
	}
	return nil
}
