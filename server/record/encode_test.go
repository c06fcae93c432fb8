package record

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/record"
	"lendleaf/core/schema"
)

// A batch of machines: hours, load in hundredths, vibration in hundredths, and the
// places of labels.
func machines(t *testing.T) *Batch {
	return &Batch{
		ID: "REQUEST", Start: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600)), Latency: 3250 * time.Microsecond, Size: 12,
		Model: loadModel(t), Client: Client{netip.MustParseAddr("192.0.2.1"), "a \"program\"\xff"},
		Predictions: []Prediction{
			{Place: 0, Record: schema.Record{7000, 97, 2250, 1, 2, 0}, Score: core.Score{Probability: 1e-7}},
			{Place: 12, Record: schema.Record{schema.Missing, 0, schema.Missing, 3, 7, schema.Missing}, Fault: "hours: Enter a number."},
			{Place: 2, Fault: "it is no JSON object", Client: &Client{}},
			{Place: 3, Record: schema.Record{0, 125, 0, 2, 0, 1}, Score: core.Score{Probability: 1. / 3, Positive: true}},
		},
	}
}

func TestLinesToTheByte(t *testing.T) {
	e, err := newEncoder(nil, func(a netip.Addr) string { return map[string]string{"192.0.2.1": "IN"}[a.String()] })
	require.NoError(t, err)
	e.setting = Setting{Person, Retain{{"credit", 365}, {"an \"audit\"", 1}}}
	w := &Writer{encoder: e, chain: record.NewChain(record.Head{}), out: &disk{}}
	b := machines(t)
	w.write(&waiting{Batch: b})
	head := fmt.Sprintf(`{"batch_id":"REQUEST","batch_size":12,"batch_timestamp":"2026-01-02T02:04:05.678900Z","batch_latency_ms":3.250000,`+
		`"avg_prediction_latency_ms":0.270833,"pipeline_version":"%s","model_hash":"%s","model_role":"champion","program_hash":"%s",`+
		`"decided_by":"person","retain_until":{"credit":"2027-01-02","an \"audit\"":"2026-01-03"},`, b.Model.Hash()[:12], b.Model.Hash(), fileHash(t, os.Args[0]))
	known := `"client_country":"IN","user_agent":"a \"program\"` + "\ufffd" + `",`
	assert.Equal(t, []string{
		head + known + `"prediction_id":"REQUEST-0","inputs":{"hours":7000,"load":0.97,"vibration":22.5,"maker":"ostermann","hall":"c","oil":"thin"},` +
			`"prediction":"Runs On","probabilities":{"Failure Within A Month":1e-07,"Runs On":0.9999999},"error_message":null}`,
		head + known + `"prediction_id":"REQUEST-12","inputs":{"hours":null,"load":0,"vibration":null,"maker":"kiln_&_sons","hall":"yard","oil":null},` +
			`"prediction":null,"probabilities":null,"error_message":"hours: Enter a number."}`,
		head + `"client_country":null,"user_agent":null,"prediction_id":"REQUEST-2","inputs":null,` +
			`"prediction":null,"probabilities":null,"error_message":"it is no JSON object"}`,
		head + known + `"prediction_id":"REQUEST-3","inputs":{"hours":0,"load":1.25,"vibration":0,"maker":"kiln_&_sons[2]","hall":"a","oil":"thick"},` +
			`"prediction":"Failure Within A Month","probabilities":{"Failure Within A Month":0.3333333333333333,"Runs On":0.6666666666666667},"error_message":null}`,
	}, unsealed(t, string(w.lines)))
}

// What a challenger says names its applicants, and holds nothing more of them.
func TestLinesOfAChallenger(t *testing.T) {
	e, err := newEncoder([]string{"batch_id", "batch_size", "batch_timestamp", "batch_latency_ms", "avg_prediction_latency_ms", "pipeline_version", "program_hash"}, nil)
	require.NoError(t, err)
	w := &Writer{encoder: e, chain: record.NewChain(record.Head{}), out: &disk{}}
	m := loadModel(t)
	w.write(&waiting{Batch: &Batch{ID: "A", Model: m, Challenger: true, Predictions: []Prediction{{Place: 7, Score: core.Score{Probability: 0.25}}}}})
	assert.Equal(t, []string{`{"model_hash":"` + m.Hash() + `","model_role":"challenger","decided_by":"nobody","retain_until":null,"client_country":null,"user_agent":null,` +
		`"prediction_id":"A-7","inputs":null,"prediction":"Runs On","probabilities":{"Failure Within A Month":0.25,"Runs On":0.75},"error_message":null}`}, unsealed(t, string(w.lines)))
}

func fileHash(t *testing.T, name string) string {
	t.Helper()
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	return fmt.Sprintf("%x", sha256.Sum256(file))
}

var seal = regexp.MustCompile(`,"sequence":([0-9]+),"salt":"[0-9a-f]{32}"(,"previous":"[0-9a-f]{64}")?,"chain":"[0-9a-f]{64}"}$`)

// unsealed are lines without their seals, which count from 1.
func unsealed(t *testing.T, text string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		of := seal.FindStringSubmatch(line)
		require.NotNil(t, of, line)
		require.Equal(t, strconv.Itoa(len(lines)+1), of[1])
		lines = append(lines, strings.TrimSuffix(line, of[0])+"}")
	}
	return lines
}

// What a program says of itself cannot turn round what is read on a screen.
func TestControlsAreEscaped(t *testing.T) {
	o, _ := options(t)
	w, err := Open(o)
	require.NoError(t, err)
	b := oneOf(loadModel(t), "A", 1)
	b.Client.Agent = "\u202eevil\x1b[2J\u0085"
	require.NoError(t, w.Keep(t.Context(), b))
	require.NoError(t, w.Close())
	text, err := os.ReadFile(o.File)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"user_agent":"\u202eevil\u001b[2J\u0085"`)
	assert.Equal(t, b.Client.Agent, readLines(t, o.File)[0]["user_agent"])
}

func TestTimesOfNoParts(t *testing.T) {
	assert.Equal(t, "null", string(appendMilliseconds(nil, time.Second, 0)))
	assert.Equal(t, "1000.000000", string(appendMilliseconds(nil, time.Second, 1)))
	assert.Equal(t, "0.000001", string(appendMilliseconds(nil, time.Nanosecond, 1)))
}

func TestIDsCountInTens(t *testing.T) { assert.Equal(t, "REQUEST-4711", ID("REQUEST", 4711)) }

// What a program says of itself is kept up to 512 bytes, and no letter in part.
func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		"short":                        "short",
		strings.Repeat("x", 512):       strings.Repeat("x", 512),
		strings.Repeat("x", 1<<20):     strings.Repeat("x", 512),
		strings.Repeat("é", 512):       strings.Repeat("é", 256),
		"x" + strings.Repeat("é", 512): "x" + strings.Repeat("é", 255),
		strings.Repeat("\x80", 600):    "", // no letter begins in it
	} {
		assert.Equal(t, want, Cut(text))
	}
}
