// Command server serves the page and the prediction API.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"lendleaf/server/serve"
	"lendleaf/site"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := serve.Server{Name: "server", Page: site.Page, Model: site.Model(), Report: site.Report()}
	err := server.Run(ctx, os.Args[1:], os.Getenv, os.Stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "server:", err)
	var wrong serve.UsageError
	if errors.As(err, &wrong) {
		os.Exit(2)
	}
	os.Exit(1)
}
