//go:build browser

package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var axe = flag.String("axe", "", "axe.min.js of axe-core, to look at every state with")

// With -axe FILE, axe-core finds nothing to fault in any state, theme or width.
func TestEveryStateIsAccessible(t *testing.T) {
	if *axe == "" {
		t.Skip("no -axe given: make test-accessible")
	}
	script, err := os.ReadFile(*axe)
	require.NoError(t, err)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 1280} {
			b := newTab(t)
			b.run(t, chromedp.EmulateViewport(width, 900), media(scheme))
			b.open(t, plainHost(t))
			world := b.apart(t)
			b.evalIn(t, world, string(script))
			b.states(t, func(state string) {
				assert.Empty(t, b.evalIn(t, world, lookAround), "%s, %s, %d px", state, scheme, width)
				assert.LessOrEqual(t, eval[int64](t, b, "document.documentElement.scrollWidth"), width, "%s leaves the page's width", state)
			})
		}
	}
}

// lookAround lists what axe-core finds, after it has looked at something.
const lookAround = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) =>
	[r.passes.length ? "" : "axe-core looked at nothing",
		...r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary))].filter(Boolean).join("\n"))`

// apart makes a world of its own in the page, which sees the same elements: in
// the page's own nobody may change them as axe-core has to.
func (b *tab) apart(t *testing.T) runtime.ExecutionContextID {
	t.Helper()
	return get(t, b, func(ctx context.Context, t *chromedp.Target) (runtime.ExecutionContextID, error) {
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return 0, err
		}
		world, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID})
		return world.ExecutionContextID, err
	})
}

// evalIn evaluates JavaScript in a world of its own, and returns it as text.
func (b *tab) evalIn(t *testing.T, world runtime.ExecutionContextID, expression string) string {
	t.Helper()
	return get(t, b, func(ctx context.Context, t *chromedp.Target) (string, error) {
		r, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ContextID: world, AwaitPromise: new(true), ReturnByValue: new(true)})
		if err != nil {
			return "", err
		}
		if r.ExceptionDetails != nil {
			return "", errors.New(r.ExceptionDetails.Text + " " + r.ExceptionDetails.Exception.Description)
		}
		var text string
		_ = json.Unmarshal(r.Result.Value, &text) // it is none where nothing is asked for
		return text, nil
	})
}
