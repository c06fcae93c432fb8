package soak

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/site"
)

// models are two files with the same fields whose every score differs, and the
// models that they hold.
type models struct {
	files  [2][]byte
	loaded [2]*core.Model
}

func newModels(t *testing.T) *models {
	t.Helper()
	whole, err := modelfile.Decode(site.Model())
	require.NoError(t, err)
	content, trees := whole.Content, *whole.Forest
	trees.Values = slices.Clone(trees.Values)
	for i := range trees.Values {
		trees.Values[i] /= 2
	}
	content.Forest = &trees
	half, err := modelfile.New(content)
	require.NoError(t, err)
	halved, err := modelfile.Encode(half)
	require.NoError(t, err)
	m := &models{files: [2][]byte{site.Model(), halved}}
	for i, file := range m.files {
		m.loaded[i], err = core.Load(file)
		require.NoError(t, err)
	}
	return m
}

// applicant is one with what each model says of it.
type applicant struct {
	json, csv string
	results   [2]string // members of the JSON result
	exact     [2]string // of the line of JSON, with all digits
	cells     [2]string // of the CSV's
}

func (m *models) applicants(t *testing.T, n int) []applicant {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	s := m.loaded[0].Schema()
	all := make([]applicant, n)
	for i := range all {
		values := make([]schema.Value, len(s.Fields))
		var members, cells []string
		for j := range s.Fields {
			f := &s.Fields[j]
			literal := ""
			if f.Kind == schema.Choice {
				label := f.Labels[random.IntN(len(f.Labels))].Name
				values[j], literal = schema.Value{Kind: schema.Text, Text: label}, `"`+label+`"`
			} else {
				low, high := 0.0, 1e7
				if f.Min != nil {
					low = *f.Min
				}
				if f.Max != nil {
					high = *f.Max
				}
				literal = fmt.Sprint(int(low) + random.IntN(int(high-low)+1))
				values[j] = schema.Value{Kind: schema.Numeral, Text: literal}
			}
			members = append(members, `"`+f.Name+`":`+literal)
			cells = append(cells, literal) // quoted, since labels may have commas
		}
		record := make(schema.Record, len(values))
		require.Empty(t, s.Record(record, values))
		all[i] = applicant{json: "{" + strings.Join(members, ",") + "}", csv: strings.Join(cells, ",")}
		for k, model := range m.loaded {
			all[i].results[k], all[i].exact[k], all[i].cells[k] = result(model, record)
		}
	}
	return all
}

// result is what the API says of a record, by the core: as JSON, as a line of
// JSON and as CSV.
func result(m *core.Model, r schema.Record) (members, exact, cells string) {
	score, target := m.Score(r), m.Schema().Target
	write := func(format string) string {
		return fmt.Sprintf(`"prediction":%q,"probabilities":{%q:`+format+`,%q:`+format+`}`, m.Outcome(score),
			target.Positive.Name, score.Probability, target.Negative.Name, 1-score.Probability)
	}
	return write("%.3f"), write("%v"), fmt.Sprintf("%s,%v,", m.Outcome(score), score.Probability)
}

// arrayOf is a body of many applicants, and the answers that the models give.
func arrayOf(list []applicant) (body string, answers [2]string) {
	var bodies []string
	var results [2][]string
	for _, a := range list {
		bodies = append(bodies, a.json)
		for k := range results {
			results[k] = append(results[k], "{"+a.results[k]+"}")
		}
	}
	for k := range answers {
		answers[k] = fmt.Sprintf(`{"results":[%s],"n_predictions":%d}`, strings.Join(results[k], ","), len(list))
	}
	return "[" + strings.Join(bodies, ",") + "]", answers
}

// linesOf is the same as rows of JSON.
func linesOf(list []applicant) (body string, answers [2]string) {
	var text strings.Builder
	for i, a := range list {
		text.WriteString(a.json + "\n")
		for k := range answers {
			answers[k] += fmt.Sprintf(`{"line":%d,%s}`+"\n", i+1, a.exact[k])
		}
	}
	for k := range answers {
		answers[k] += fmt.Sprintf(`{"n_predictions":%d,"n_errors":0}`+"\n", len(list))
	}
	return text.String(), answers
}

// tableOf is the same as a CSV.
func tableOf(fields string, list []applicant) (body string, answers [2]string) {
	body = fields
	for k := range answers {
		answers[k] = "line,prediction,probability_default,error\n"
	}
	for i, a := range list {
		body += a.csv + "\n"
		for k := range answers {
			answers[k] += fmt.Sprintf("%d,%s\n", i+2, a.cells[k])
		}
	}
	for k := range answers {
		answers[k] += fmt.Sprintf(",,,n_predictions=%d n_errors=0\n", len(list))
	}
	return body, answers
}

// header is that of a CSV.
func header(s *schema.Schema) string {
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ",") + "\n"
}

// hasDetail says whether an answer is {"detail":…}.
func hasDetail(body []byte) bool {
	var answer map[string]json.RawMessage
	return json.Unmarshal(body, &answer) == nil && len(answer) == 1 && answer["detail"] != nil
}
