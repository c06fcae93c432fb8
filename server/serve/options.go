package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"lendleaf/server/api"
	"lendleaf/server/observe"
)

// options are what an operator may choose. Each flag has an environment
// variable; where both are given, the flag counts.
type options struct {
	addr       string
	model      string
	modelHash  string
	shadow     string
	memory     int64
	maxBody    int64
	maxRow     int
	maxColumns int
	maxStream  int64
	maxBatch   int

	maxConcurrent   int
	tokens          string
	corsOrigins     list
	protocols       list
	tlsCert, tlsKey string
	logRequests     bool
	metricsAddr     string
	driftWindow     int
	readTime        time.Duration
	writeTime       time.Duration
	drainTime       time.Duration
	health          bool
	records         recordOptions
}

// list is a flag's value with commas between.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = strings.Split(text, ",")
	return nil
}

func (o *options) scheme() string {
	if o.tlsCert != "" {
		return "https"
	}
	return "http"
}

// UsageError says that the command line or the environment makes no sense.
type UsageError struct{ error }

func (e UsageError) Unwrap() error { return e.error }

// prefix begins the name of every environment variable.
const prefix = "LENDLEAF_"

// variable is the environment variable of a flag: -max-body's is
// LENDLEAF_MAX_BODY.
func variable(flagName string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// parse reads the options of a command with this name. Its errors are UsageError
// and flag.ErrHelp.
func parse(name string, args []string, getenv func(string) string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.addr, "addr", ":7860", "`ADDRESS` to listen on; PORT in the environment gives the port alone")
	flags.StringVar(&o.model, "model", "", "model `FILE`, read again on SIGHUP (default: the one that the server was built with)")
	flags.StringVar(&o.modelHash, "model-hash", "", "`SHA256` of the model, as lendleaf inspect and the header X-Model-Hash have it: any other model is refused (default: none is)")
	flags.StringVar(&o.shadow, "shadow", "", "`FILE` of a second model, read again on SIGHUP, too: it scores applicants once they are answered; both models' answers are recorded and counted (default: none)")
	declareMemory(flags, o)
	flags.Int64Var(&o.maxStream, "max-stream", 4<<30, "largest body of rows that are answered one by one (CSV, NDJSON), in `BYTES` once unpacked")
	flags.IntVar(&o.maxBatch, "max-batch", 100_000, "largest `NUMBER` of applicants in an array; rows of CSV or NDJSON have no such limit")
	flags.IntVar(&o.maxConcurrent, "max-concurrent", 256, "`NUMBER` of API requests that run at once; more are answered 429 at once")
	flags.StringVar(&o.tokens, "tokens", "", "`FILE` of bearer tokens, one in each line, of which API requests must have one (default: none is asked for)")
	flags.Var(&o.corsOrigins, "cors-origins", "`ORIGINS`, with commas between, such as https://bank.example, whose pages may call the API; * for all (default: none)")
	flags.Var(&o.protocols, "protocols", "`NAMES`, with commas between, of protocols to speak beside the API: v2 (Open Inference Protocol, at /v2) and mlflow (at /invocations) (default: none)")
	flags.StringVar(&o.tlsCert, "tls-cert", "", "PEM `FILE` of a certificate; with -tls-key, the server speaks TLS 1.2 or later")
	flags.StringVar(&o.tlsKey, "tls-key", "", "PEM `FILE` of the certificate's key")
	flags.BoolVar(&o.logRequests, "log-requests", false, "log each request: id, method, pattern, status, bytes and time, and nothing of the applicant")
	flags.StringVar(&o.metricsAddr, "metrics-addr", "", "`ADDRESS` of a listener for Prometheus, with /metrics; keep it private: the difference between two scrapes can tell of one applicant (default: none)")
	flags.IntVar(&o.driftWindow, "drift-window", 1000, "`NUMBER` of applicants, at least 100, that the drift of fields is measured on each time")
	flags.DurationVar(&o.readTime, "read-timeout", 30*time.Second, "longest `TIME` for a client to send a request, or the next rows of one")
	flags.DurationVar(&o.writeTime, "write-timeout", 60*time.Second, "longest `TIME` for a client to take an answer")
	flags.DurationVar(&o.drainTime, "drain-timeout", 15*time.Second, "longest `TIME` for running requests once the server is told to stop")
	flags.BoolVar(&o.health, "health", false, "ask the server at -addr whether it is well, and exit with 0 if so")
	o.records.declare(flags)
	flags.Usage = func() {
		fmt.Fprintf(out, "usage: %s [flags]\n\nServes the page, and the API at POST /api/predict.\n\n", name)
		flags.PrintDefaults()
		fmt.Fprintf(out, "\nEach flag has an environment variable, such as %s for -max-body.\n", variable("max-body"))
	}
	if err := fromEnvironment(flags, getenv); err != nil {
		return nil, UsageError{err}
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, UsageError{err}
	}
	if flags.NArg() > 0 {
		return nil, UsageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	}
	if err := o.followMemory(flags, getenv); err != nil {
		return nil, UsageError{err}
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.records.check(flags); err != nil {
		return nil, err
	}
	return o, nil
}

// fromEnvironment sets what the environment gives, before the flags.
func fromEnvironment(flags *flag.FlagSet, getenv func(string) string) error {
	if port := getenv("PORT"); port != "" {
		if err := flags.Set("addr", net.JoinHostPort("", port)); err != nil {
			return err
		}
	}
	var faults []error
	flags.VisitAll(func(f *flag.Flag) {
		if value := getenv(variable(f.Name)); value != "" {
			if err := flags.Set(f.Name, value); err != nil {
				faults = append(faults, fmt.Errorf("%s=%q: %w", variable(f.Name), value, err))
			}
		}
	})
	return errors.Join(faults...)
}

func (o *options) check() error {
	addr, err := net.ResolveTCPAddr("tcp", o.addr)
	if err != nil {
		return UsageError{fmt.Errorf("-addr: %w", err)}
	}
	if err := o.checkMetrics(addr); err != nil {
		return UsageError{err}
	}
	o.modelHash = strings.ToLower(o.modelHash)
	if digits, err := hex.DecodeString(o.modelHash); err != nil || len(digits) != 0 && len(digits) != sha256.Size {
		return UsageError{fmt.Errorf("-model-hash %q is no SHA-256, which has 64 hexadecimal digits", o.modelHash)}
	}
	for _, name := range o.protocols {
		if api.Protocols[name] == nil {
			return UsageError{fmt.Errorf("-protocols: %q is none of %s", name, strings.Join(slices.Sorted(maps.Keys(api.Protocols)), ", "))}
		}
	}
	for _, origin := range o.corsOrigins {
		if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host) {
			return UsageError{fmt.Errorf("-cors-origins: %q is no origin, such as https://bank.example", origin)}
		}
	}
	if (o.tlsCert == "") != (o.tlsKey == "") {
		return UsageError{errors.New("-tls-cert and -tls-key need each other")}
	}
	for name, n := range map[string]int64{
		"max-body": o.maxBody, "max-stream": o.maxStream, "max-batch": int64(o.maxBatch), "max-concurrent": int64(o.maxConcurrent),
	} {
		if n < 1 {
			return UsageError{fmt.Errorf("-%s %d is not positive", name, n)}
		}
	}
	for name, d := range map[string]time.Duration{"read-timeout": o.readTime, "write-timeout": o.writeTime, "drain-timeout": o.drainTime} {
		if d <= 0 {
			return UsageError{fmt.Errorf("-%s %v is not positive", name, d)}
		}
	}
	return nil
}

// checkMetrics wants a listener of their own for metrics: whoever reaches the API
// must not reach them.
func (o *options) checkMetrics(main *net.TCPAddr) error {
	if o.driftWindow < observe.MinWindow {
		return fmt.Errorf("-drift-window %d: fewer than %d applicants could tell of one of them", o.driftWindow, observe.MinWindow)
	}
	if o.metricsAddr == "" {
		return nil
	}
	addr, err := net.ResolveTCPAddr("tcp", o.metricsAddr)
	if err != nil {
		return fmt.Errorf("-metrics-addr: %w", err)
	}
	anywhere := addr.IP == nil || addr.IP.IsUnspecified() || main.IP == nil || main.IP.IsUnspecified()
	if addr.Port == main.Port && addr.Port != 0 && (anywhere || addr.IP.Equal(main.IP)) {
		return fmt.Errorf("-metrics-addr %s is that of -addr: metrics need a listener of their own", o.metricsAddr)
	}
	return nil
}
