package serve

import (
	"bytes"
	"flag"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestFlagsGoBeforeTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		env  []string
		want string
	}{
		"default":                 {nil, nil, ":7860"},
		"port":                    {nil, []string{"PORT", "8080"}, ":8080"},
		"variable before port":    {nil, []string{"PORT", "8080", "LENDLEAF_ADDR", "localhost:9000"}, "localhost:9000"},
		"flag before all of them": {[]string{"-addr", ":1234"}, []string{"PORT", "8080", "LENDLEAF_ADDR", ":9000"}, ":1234"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := parse("server", c.args, environment(c.env...), io.Discard)
			require.NoError(t, err)
			assert.Equal(t, c.want, o.addr)
		})
	}
}

func TestWrongOptionsAreRefusedAtStart(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  []string
	}{
		{[]string{"-addr", "nowhere:at:all"}, nil},
		{[]string{"-max-body", "0"}, nil},
		{[]string{"-read-timeout", "-1s"}, nil},
		{[]string{"-max-batch", "0"}, nil},
		{[]string{"-memory", "67108863"}, nil},
		{[]string{"-memory", "67108864", "-max-row", "262145"}, nil},
		{[]string{"-max-row", "0"}, nil},
		{[]string{"-memory", "67108864", "-max-columns", "32769"}, nil},
		{[]string{"-max-columns", "-1"}, nil},
		{[]string{"-max-stream", "0"}, nil},
		{[]string{"-max-concurrent", "0"}, nil},
		{[]string{"-tls-cert", "cert.pem"}, nil},
		{[]string{"-cors-origins", "bank.example"}, nil},
		{[]string{"-cors-origins", "https://bank.example/"}, nil},
		{[]string{"-cors-origins", "https://bank.example,"}, nil},
		{[]string{"-cors-origins", "https://%zz"}, nil},
		{[]string{"-no-such-flag"}, nil},
		{[]string{"argument"}, nil},
		{nil, []string{"LENDLEAF_MAX_BODY", "much"}},
		{nil, []string{"PORT", "70000"}},
		{[]string{"-write-timeout", "0s"}, nil},
		{[]string{"-drain-timeout", "0s"}, nil},
		{[]string{"-tls-key", "key.pem"}, nil},
	} {
		o, err := parse("server", c.args, environment(c.env...), io.Discard)
		assert.Nil(t, o)
		var wrong UsageError
		require.ErrorAs(t, err, &wrong, "%v %v", c.args, c.env)
	}
}

// What the documentation promises to whoever chooses nothing.
func TestDefaults(t *testing.T) {
	o, err := parse("server", []string{"-memory", "2147483648"}, environment(), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, &options{
		addr: ":7860", memory: 2_147_483_648, maxBody: 33_554_432, maxRow: 65_536, maxStream: 4_294_967_296, maxBatch: 100_000, maxConcurrent: 256, driftWindow: 1000,
		readTime: 30 * time.Second, writeTime: time.Minute, drainTime: 15 * time.Second, records: recordOptions{megabytes: 10, keep: 4},
	}, o)
	assert.Equal(t, "http", o.scheme())
}

func TestTheLeastThatMakesSense(t *testing.T) {
	o, err := parse("server", []string{
		"-max-body", "1", "-max-stream", "1", "-max-batch", "1", "-max-concurrent", "1", "-drift-window", "100",
		"-read-timeout", "1ns", "-write-timeout", "1ns", "-drain-timeout", "1ns",
		"-record", "r", "-record-size", "1", "-record-keep", "0", "-record-age", "0",
		"-cors-origins", "https://bank.example,*,http://localhost:1", "-tls-cert", "c", "-tls-key", "k",
	}, environment(), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, list{"https://bank.example", "*", "http://localhost:1"}, o.corsOrigins)
	assert.Equal(t, "https://bank.example,*,http://localhost:1", o.corsOrigins.String())
	assert.Equal(t, "https", o.scheme())
	assert.Equal(t, recordOptions{file: "r", megabytes: 1}, o.records)
}

func TestHelpListsEveryFlag(t *testing.T) {
	var out bytes.Buffer
	_, err := parse("lendleaf serve", []string{"-help"}, environment(), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	assert.Contains(t, out.String(), "usage: lendleaf serve [flags]\n")
	assert.Contains(t, out.String(), "LENDLEAF_MAX_BODY for -max-body")
	for _, name := range []string{
		"addr", "cors-origins", "drain-timeout", "drift-window", "geoip", "health", "log-requests", "max-batch", "max-body", "max-columns", "max-concurrent", "max-row", "max-stream", "memory",
		"metrics-addr", "model", "read-timeout", "record", "record-age", "record-keep", "record-omit", "record-required", "record-size",
		"tls-cert", "tls-key", "tokens", "trusted-proxies", "write-timeout",
	} {
		assert.Regexp(t, `(?m)^  -`+name+`( |$)`, out.String())
	}
}

// What is wrong in the environment is named by its variable.
func TestWrongVariablesAreNamed(t *testing.T) {
	_, err := parse("server", nil, environment("LENDLEAF_MAX_BODY", "much", "LENDLEAF_READ_TIMEOUT", "long"), io.Discard)
	require.ErrorContains(t, err, `LENDLEAF_MAX_BODY="much"`)
	require.ErrorContains(t, err, `LENDLEAF_READ_TIMEOUT="long"`)
}
