//go:build browser

package browsertest

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spoken is an element as a screen reader has it.
type spoken struct {
	Role, Name, Description string
	States                  map[string]string
}

// spoken lists all that a screen reader is told of.
func (b *tab) spoken(t *testing.T) []spoken {
	t.Helper()
	tree := get(t, b, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	var list []spoken
	for _, n := range tree.Nodes {
		if n.Ignored {
			continue
		}
		s := spoken{Role: plain(n.Role), Name: plain(n.Name), Description: plain(n.Description), States: map[string]string{}}
		for _, p := range n.Properties {
			s.States[string(p.Name)] = plain(p.Value)
		}
		list = append(list, s)
	}
	require.NotEmpty(t, list)
	return list
}

func plain(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var text string
	if json.Unmarshal(v.Value, &text) != nil {
		return string(v.Value)
	}
	return text
}

// one finds the one element of that role whose name begins so.
func one(t *testing.T, list []spoken, role, name string) spoken {
	t.Helper()
	var found []spoken
	for _, s := range list {
		if s.Role == role && strings.HasPrefix(s.Name, name) {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, "%s %q in %+v", role, name, list)
	return found[0]
}

// Whatever can be used has a name, in every state of the form.
func TestAllThatCanBeUsedHasAName(t *testing.T) {
	b := newTab(t)
	b.open(t, plainHost(t))
	used := map[string]bool{}
	b.states(t, func(state string) {
		for _, s := range b.spoken(t) {
			switch s.Role {
			case "button", "link", "textbox", "combobox", "slider", "option", "listbox", "dialog", "alert", "region", "form", "DisclosureTriangle":
				used[s.Role] = true
				assert.NotEmpty(t, s.Name, "%s: %+v", state, s)
			}
		}
	})
	for _, role := range []string{"button", "link", "textbox", "combobox", "slider", "option", "listbox", "dialog", "alert"} {
		assert.True(t, used[role], "there is no %s", role)
	}
}

func TestErrorsAreAnnounced(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	wrong := maps.Clone(applicant)
	delete(wrong, "age")
	b.fill(t, m.Schema(), wrong)
	b.predict(t, "#error-summary")
	list := b.spoken(t)
	summary := one(t, list, "alert", "Input Error!")
	assert.Equal(t, "true", summary.States["focused"])
	field := m.Schema().Field("age")
	one(t, list, "link", field.Text+": "+field.Advice())
	age := one(t, list, "textbox", field.Text)
	assert.Equal(t, "true", age.States["invalid"])
	assert.Contains(t, age.Description, field.Advice())
	assert.NotEqual(t, "true", one(t, list, "textbox", m.Schema().Field("income").Text).States["invalid"])
}

func TestTheAnswerIsAnnounced(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	b.fill(t, m.Schema(), applicant)
	b.predict(t, "#result")
	list := b.spoken(t)
	answer := one(t, list, "region", "Prediction")
	assert.Equal(t, "true", answer.States["focused"], "%+v", answer)
	assert.Contains(t, answer.Name, m.Outcome(score(t, m, applicant)))
	assert.Contains(t, answer.Name, "threshold")
}

func TestAListThatIsSearchedSaysWhereOneIs(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	name := m.Schema().Field("city").Text
	b.write(t, "city", "aur")
	b.down(t)
	list := b.spoken(t)
	city := one(t, list, "combobox", name)
	assert.Equal(t, "true", city.States["expanded"])
	assert.Equal(t, "true", city.States["focused"])
	assert.Equal(t, "list", city.States["autocomplete"])
	one(t, list, "listbox", name)
	b.escape(t)
	assert.Equal(t, "false", one(t, b.spoken(t), "combobox", name).States["expanded"])
}
