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

func machines(t *testing.T) *core.Model {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	return m
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
	m := machines(t)
	for name, lead := range states {
		s := form.NewSession(m)
		lead(s)
		got := strings.ReplaceAll(render(t, s), m.Hash(), "(the model's hash)")
		got = strings.ReplaceAll(got, m.Hash()[:8], "(its begin)")
		got = strings.ReplaceAll(got, "><", ">\n<") + "\n" // for people
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
	v := visit(t, s)
	first := v.html(t)
	require.Equal(t, first, v.html(t))
	return first
}

// visitor uses the outcome without a browser, and notes what it was asked for.
type visitor struct {
	builder *vugu.BuildEnv
	outcome Outcome
	asked   []string
}

func visit(t *testing.T, s *form.Session) *visitor {
	t.Helper()
	builder, err := vugu.NewBuildEnv()
	require.NoError(t, err)
	v := &visitor{builder: builder}
	v.outcome = Outcome{Session: s, Actions: v}
	return v
}

func (v *visitor) Visit(field string) { v.asked = append(v.asked, "visit "+field) }
func (v *visitor) Again()             { v.asked = append(v.asked, "again") }
func (v *visitor) Accept()            { v.asked = append(v.asked, "accept") }
func (v *visitor) Back()              { v.asked = append(v.asked, "back") }
func (v *visitor) Print()             { v.asked = append(v.asked, "print") }

func (v *visitor) html(t *testing.T) string {
	t.Helper()
	var html bytes.Buffer
	require.NoError(t, staticrender.New(&html).Render(v.builder.RunBuild(&v.outcome)))
	return html.String()
}

// click is one of the browser's events.
type click struct {
	vugu.DOMEvent
	prevented bool
}

func (e *click) PreventDefault() { e.prevented = true }

// click clicks on all elements of a kind, in the page's order.
func (v *visitor) click(tag string) *click {
	e := &click{}
	built := v.builder.RunBuild(&v.outcome)
	var walk func(n *vugu.VGNode)
	walk = func(n *vugu.VGNode) {
		for ; n != nil; n = n.NextSibling {
			if n.Component != nil {
				walk(built.ResultFor(n.Component).Out[0])
				continue
			}
			for _, h := range n.DOMEventHandlerSpecList {
				if h.EventType == "click" && n.Data == tag {
					h.Func(e)
				}
			}
			walk(n.FirstChild)
		}
	}
	walk(built.Out.Out[0])
	return e
}

// What can be pushed asks for what it says, and what is wrong for its field.
func TestWhatIsClickedIsAskedFor(t *testing.T) {
	m := machines(t)
	for name, want := range map[string]map[string][]string{
		"before":   {"button": nil},
		"faults":   {"a": {"visit hall", "visit hours"}},
		"answer":   {"button": {"print"}},
		"changed":  {"button": {"print", "again"}},
		"explored": {"button": {"print", "accept", "back"}},
	} {
		s := form.NewSession(m)
		states[name](s)
		for tag, asked := range want {
			v := visit(t, s)
			e := v.click(tag)
			assert.Equal(t, asked, v.asked, name)
			assert.Equal(t, tag == "a", e.prevented, "%s: links to fields are not the browser's", name)
		}
	}
}

// The whole hash stays open while other things change, and is closed for another
// applicant.
func TestTheHashStaysOpen(t *testing.T) {
	const open = `<details class="hash" open="open">`
	s := form.NewSession(machines(t))
	states["answer"](s)
	v := visit(t, s)
	assert.NotContains(t, v.html(t), open)
	assert.True(t, v.click("summary").prevented, "the state is the program's")
	assert.Contains(t, v.html(t), open)
	s.Compare(typed(s, map[string]string{"hours": "9"}))
	assert.Contains(t, v.html(t), open)
	v.click("summary")
	assert.NotContains(t, v.html(t), open)

	v.click("summary")
	s.Clear()
	v.html(t)
	states["answer"](s)
	assert.NotContains(t, v.html(t), open)
}

func TestWaitingNamesWhatHasChanged(t *testing.T) {
	changes := []form.Change{{Text: "Hours"}, {Text: "Load"}, {Text: "Hall"}}
	for n, want := range map[int]string{
		1: "Hours has changed since.",
		2: "Hours and Load have changed since.",
		3: "Hours, Load and Hall have changed since.",
	} {
		c := Waiting{Changes: changes[:n]}
		assert.Equal(t, want, c.text())
	}
}
