// Package outcome and no outcome_test: Vugu generates code only where there is one.
package outcome

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vugu/vugu"
	"github.com/vugu/vugu/staticrender"

	"lendleaf/core"
	"lendleaf/wasm/form"
)

var update = flag.Bool("update", false, "write the states anew")

// machine is made up, for the core's second model.
var machine = map[string]string{
	"hours": "713", "load": "0.42", "vibration": "10.08", "maker": "NW", "hall": "D", "oil": "Thick",
}

const when = "1 May 2026 at 09:00"

func typed(s *form.Session, changes map[string]string) *form.Applicant {
	values := maps.Clone(machine)
	maps.Copy(values, changes)
	return form.Read(s.Model().Schema(), func(field string) string { return values[field] })
}

// states are what the page can show, each by what leads there.
var states = map[string]func(s *form.Session){
	"before": func(*form.Session) {},
	"faults": func(s *form.Session) { s.Predict(typed(s, map[string]string{"hours": "", "hall": "Z <b>"}), when) },
	"answer": func(s *form.Session) { s.Predict(typed(s, nil), when) },
	"positive": func(s *form.Session) {
		s.Predict(typed(s, map[string]string{"hours": "3990", "load": "1.25", "vibration": "40", "maker": "Ostermann", "hall": "Yard"}), when)
	},
	"assumed": func(s *form.Session) { s.Predict(typed(s, map[string]string{"oil": "", "vibration": ""}), when) },
	"unlike":  func(s *form.Session) { s.Predict(typed(s, map[string]string{"hours": "99999999"}), when) },
	"changed": func(s *form.Session) {
		s.Predict(typed(s, nil), when)
		s.Compare(typed(s, map[string]string{"hours": "9", "hall": "Yard", "oil": ""}))
	},
	"explored": func(s *form.Session) {
		s.Predict(typed(s, nil), when)
		s.Predict(typed(s, map[string]string{"hours": "3990", "oil": ""}), when)
	},
	"faults beside an answer": func(s *form.Session) {
		s.Predict(typed(s, nil), when)
		s.Predict(typed(s, map[string]string{"load": "2"}), when)
	},
}

// Every state is rendered and compared with what was looked at before.
func TestStates(t *testing.T) {
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	for name, lead := range states {
		s := form.NewSession(m)
		lead(s)
		got := strings.ReplaceAll(render(t, s), m.Hash(), "(the model's hash)")
		got = strings.ReplaceAll(got, m.Hash()[:8], "(its begin)")
		golden := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".html")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "%s: go test ./wasm/outcome -update writes it anew", name)
	}
	goldens, err := filepath.Glob("testdata/*.html")
	require.NoError(t, err)
	assert.Len(t, goldens, len(states))
}

// render renders a state twice: what it was before must leave no trace.
func render(t *testing.T, s *form.Session) string {
	t.Helper()
	builder, err := vugu.NewBuildEnv()
	require.NoError(t, err)
	var first, second bytes.Buffer
	require.NoError(t, staticrender.New(&first).Render(builder.RunBuild(&Outcome{Session: s})))
	require.NoError(t, staticrender.New(&second).Render(builder.RunBuild(&Outcome{Session: s})))
	require.Equal(t, first.String(), second.String())
	return first.String()
}
