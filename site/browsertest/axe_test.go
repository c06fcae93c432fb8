//go:build browser && peers

package browsertest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// axeLooks has axe-core look by all rules but those of level AAA, the
// experimental ones included. Forced colours are the visitor's own. What it
// cannot decide counts as found, but for colours behind pictures, whatever is
// hidden (other states show it), and what takes requests, which the lock
// refuses.
const axeLooks = `(async () => {
	document.getAnimations().forEach((a) => a.finish()); // of colours, when the theme changed
	const forced = matchMedia("(forced-colors: active)").matches;
	const rules = axe.getRules().filter(({ruleId, tags}) =>
		!tags.includes("wcag2aaa") && !tags.includes("deprecated") && !(forced && ruleId === "color-contrast"));
	const {violations, incomplete, passes} = await axe.run(document, {
		runOnly: {type: "rule", values: rules.map(({ruleId}) => ruleId)}, resultTypes: ["violations", "incomplete"]});
	const undecided = incomplete.filter(({id}) => !["color-contrast", "hidden-content", "css-orientation-lock"].includes(id));
	const found = [...violations, ...undecided].flatMap(({id, nodes}) => nodes.map(({target, any, all, none}) =>
		id + ": " + target.join(" ") + ": " + [...any, ...all, ...none].map(({message}) => message).join("; ")));
	return {passed: passes.length, found};
})()`

// TestAxe has axe-core look at every state of the page, in both themes, at the
// least width that is asked for, at 200 %, and wide.
func TestAxe(t *testing.T) {
	axe, err := os.ReadFile("../judges/node_modules/axe-core/axe.min.js")
	require.NoError(t, err, "axe-core comes by 'make judges'")
	everyState(t, func(t *testing.T, b *tab, state string) {
		world := b.world(t)
		get(t, b, chromedp.Evaluate[chromedp.Void](string(axe), world))
		found := map[string][]string{} // where, by what
		for _, v := range views {
			b.run(t, v.set())
			result := get(t, b, chromedp.Evaluate[struct {
				Passed int
				Found  []string
			}](axeLooks, chromedp.EvalAwaitPromise, world))
			assert.NotZero(t, result.Passed, "it looked at nothing")
			for _, what := range result.Found {
				found[what] = append(found[what], v.String())
			}
		}
		b.run(t, views[0].set())
		for what, where := range found {
			t.Errorf("%s: %s\n\tat %s", state, what, strings.Join(where, ", "))
		}
	})
}

// world makes a place for scripts of our own, which the page's lock is no
// hindrance to.
func (b *tab) world(t *testing.T) chromedp.EvaluateOption {
	t.Helper()
	made := get(t, b, func(ctx context.Context, t *chromedp.Target) (page.CreateIsolatedWorldResult, error) {
		frames, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return page.CreateIsolatedWorldResult{}, err
		}
		return cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frames.FrameTree.Frame.ID})
	})
	return func(p *runtime.EvaluateParams) { p.ContextID = made.ExecutionContextID }
}

// view is how the page is looked at.
type view struct {
	width    int64 // in CSS pixels
	scale    float64
	features map[string]string // media features
}

var views = []view{
	{1280, 1, map[string]string{"prefers-color-scheme": "light"}},
	{320, 1, map[string]string{"prefers-color-scheme": "dark", "prefers-reduced-motion": "reduce"}},
	{640, 2, map[string]string{"prefers-color-scheme": "light"}}, // 1280 pixels at 200 %
	{1600, 1, map[string]string{"prefers-color-scheme": "dark"}},
	{320, 1, map[string]string{"prefers-color-scheme": "dark", "forced-colors": "active"}},
}

func (v view) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d px × %g %v", v.width, v.scale, slices.Sorted(maps.Values(v.features))))
}

func (v view) set() chromedp.Action[chromedp.Void] {
	var features []*emulation.MediaFeature
	for name, value := range v.features {
		features = append(features, &emulation.MediaFeature{Name: name, Value: value})
	}
	return chromedp.Steps(chromedp.EmulateViewport(v.width, 900, chromedp.EmulateScale(v.scale)),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}))
}
