package core_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/feature"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

const vectorsFile = "testdata/vectors.json"

// vectors is testdata/vectors.json: made-up applicants, right and wrong, and
// what the shipped model makes of them. Whatever scores (native, WASM, HTTP,
// the page) must agree with it.
type vectors struct {
	Hash      string   `json:"hash"` // of the model
	Threshold float64  `json:"threshold"`
	Fields    []string `json:"fields"`   // a record's order
	Features  []string `json:"features"` // a vector's order
	Vectors   []vector `json:"vectors"`
}

// vector is one applicant: either Faults or all behind it is empty.
type vector struct {
	Input       json.RawMessage `json:"input"`                 // as the API takes it
	Faults      []fault         `json:"faults,omitempty"`      // in API order
	Record      []*int64        `json:"record,omitempty"`      // null: missing
	Features    []int64         `json:"features,omitempty"`    //
	Probability string          `json:"probability,omitempty"` // the shortest decimal that reads back to the same float64
	Prediction  string          `json:"prediction,omitempty"`
}

type fault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func TestVectors(t *testing.T) {
	content, err := modelfile.Decode(readFile(t, shippedModel))
	require.NoError(t, err)
	m, set := core.New(content), content.Features
	if *update {
		writeVectors(t, m, set, content.Definition.Features.Specs())
	}
	list := readVectors(t, m.Hash())
	require.Greater(t, len(list), 300)
	for _, want := range list {
		assert.Equal(t, want, answer(t, m, set, want.Input), "%s", want.Input)
	}
}

// The same probabilities come out of a float64 walk over unscaled inputs.
func TestVectorsAgreeWithTheFloatWalk(t *testing.T) {
	content, err := modelfile.Decode(readFile(t, shippedModel))
	require.NoError(t, err)
	walk := newFloatWalk(content)
	scored := 0
	for _, v := range readVectors(t, content.Hash) {
		if v.Faults != nil {
			continue
		}
		var input map[string]any
		require.NoError(t, json.Unmarshal(v.Input, &input))
		want, err := strconv.ParseFloat(v.Probability, 64)
		require.NoError(t, err)
		require.Equal(t, want, walk.probability(t, input), "%s", v.Input)
		scored++
	}
	assert.Greater(t, scored, 200)
}

func readVectors(t *testing.T, hash string) []vector {
	t.Helper()
	var file vectors
	require.NoError(t, json.Unmarshal(readFile(t, vectorsFile), &file))
	require.Equal(t, hash, file.Hash, "%s was made with another model than %s: run go generate ./core", vectorsFile, shippedModel)
	return file.Vectors
}

// answer is what the core makes of an applicant.
func answer(t *testing.T, m *core.Model, set *feature.Set, input json.RawMessage) vector {
	t.Helper()
	v := vector{Input: input}
	s := m.Schema()
	record := make(schema.Record, len(s.Fields))
	for _, f := range s.Record(record, apiValues(t, s, input)) {
		v.Faults = append(v.Faults, fault{f.Field.Name, f.Error()})
	}
	if v.Faults != nil {
		return v
	}
	for _, n := range record {
		if n == schema.Missing {
			v.Record = append(v.Record, nil)
		} else {
			v.Record = append(v.Record, &n)
		}
	}
	v.Features = make([]int64, set.Len())
	set.Vector(v.Features, record)
	score := m.Score(record)
	v.Probability = strconv.FormatFloat(score.Probability, 'g', -1, 64)
	v.Prediction = m.Outcome(score)
	return v
}

// apiValues reads an applicant as the API does: numbers keep their literals.
func apiValues(t *testing.T, s *schema.Schema, input json.RawMessage) []schema.Value {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(input, &members))
	values := make([]schema.Value, len(s.Fields))
	for i, f := range s.Fields {
		raw, given := members[f.Name]
		switch {
		case !given:
		case string(raw) == "null":
			values[i].Kind = schema.Null
		case raw[0] == '"':
			values[i].Kind = schema.Text
			require.NoError(t, json.Unmarshal(raw, &values[i].Text))
		case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
			values[i] = schema.Value{Kind: schema.Numeral, Text: string(raw)}
		default:
			values[i].Kind = schema.Other
		}
	}
	return values
}

func writeVectors(t *testing.T, m *core.Model, set *feature.Set, specs []feature.Spec) {
	t.Helper()
	file := vectors{Hash: m.Hash(), Threshold: m.Threshold()}
	for _, f := range m.Schema().Fields {
		file.Fields = append(file.Fields, f.Name)
	}
	for _, spec := range specs {
		file.Features = append(file.Features, spec.Name)
	}
	draw := rand.New(rand.NewPCG(3, 1))
	for i := range 400 {
		file.Vectors = append(file.Vectors, answer(t, m, set, drawInput(draw, m.Schema(), i >= 300)))
	}
	var b strings.Builder
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	head := file
	head.Vectors = []vector{}
	require.NoError(t, lines.Encode(head))
	text := strings.TrimSuffix(b.String(), "]}\n")
	for i, v := range file.Vectors {
		b.Reset()
		require.NoError(t, lines.Encode(v))
		if i > 0 {
			text += ","
		}
		text += "\n" + strings.TrimSuffix(b.String(), "\n")
	}
	require.NoError(t, os.WriteFile(vectorsFile, []byte(text+"\n]}\n"), 0o644))
}

// drawInput makes up an applicant: at every bound and between, with integers and
// other numbers; with faults where wrong.
func drawInput(draw *rand.Rand, s *schema.Schema, wrong bool) json.RawMessage {
	var members []string
	for i := range s.Fields {
		f := &s.Fields[i]
		value := drawValue(draw, f)
		if wrong && draw.IntN(4) == 0 {
			value = drawFault(draw, f)
		} else if f.Optional && draw.IntN(6) == 0 {
			value = []string{"", "null"}[draw.IntN(2)]
		}
		if value != "" {
			members = append(members, strconv.Quote(f.Name)+":"+value)
		}
	}
	return json.RawMessage("{" + strings.Join(members, ",") + "}")
}

func drawValue(draw *rand.Rand, f *schema.Field) string {
	if f.Kind == schema.Choice {
		return strconv.Quote(f.Labels[draw.IntN(len(f.Labels))].Name)
	}
	low, high := 0.0, 10_000_000.0
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	} else if draw.IntN(20) == 0 {
		return []string{"1e300", "9007199254740993", "1" + strings.Repeat("0", 30)}[draw.IntN(3)]
	}
	x := low + float64(draw.IntN(int(high-low)+1))
	switch draw.IntN(8) {
	case 0:
		x = []float64{low, high}[draw.IntN(2)]
	case 1:
		x = min(x+0.5, high)
	case 2:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

func drawFault(draw *rand.Rand, f *schema.Field) string {
	faults := []string{"", "true", "[]", "{}", `""`, `"x"`, `"12"`}
	if !f.Optional {
		faults = append(faults, "null")
	}
	if f.Kind == schema.Choice {
		return append(faults, "3", `" `+f.Labels[0].Name+`"`)[draw.IntN(len(faults))+2]
	}
	faults = append(faults, "1e400", "-1e400")
	if f.Min != nil {
		faults = append(faults, strconv.FormatFloat(*f.Min-0.4, 'f', -1, 64))
	}
	if f.Max != nil {
		faults = append(faults, strconv.FormatFloat(*f.Max+0.4, 'f', -1, 64))
	}
	return faults[draw.IntN(len(faults))]
}
