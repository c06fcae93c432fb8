//go:build browser

package browsertest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var pictures = flag.String("pictures", "", "directory to put pictures of the page into")

// TestPictures takes pictures of the page's states with -pictures DIRECTORY.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures given")
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 360, 1280, 1600} {
			if testing.Short() && (scheme == "dark") == (width < 1600) {
				continue
			}
			b := newTab(t)
			b.run(t, chromedp.EmulateViewport(width, 900), media(scheme))
			b.open(t, plainHost(t))
			b.states(t, func(state string) { b.picture(t, scheme, width, state) })
		}
	}
	b := newTab(t)
	b.run(t, chromedp.EmulateViewport(680, 960)) // A4 between its margins
	b.open(t, plainHost(t))
	b.states(t, func(state string) { // paper has no buttons to reach the next one
		b.run(t, media("print"))
		b.picture(t, "print", 680, state)
		b.run(t, media("light"))
	})
}

var publish = flag.Bool("publish", false, "take the published pictures anew")

// TestPublishedPictures takes the README's picture of the page, the one that
// sites show beside a link to it, and the app's icons, with -publish.
func TestPublishedPictures(t *testing.T) {
	if !*publish {
		t.Skip("no -publish given")
	}
	b := newTab(t)
	b.run(t, chromedp.EmulateViewport(1280, 1170), media("light"))
	b.open(t, plainHost(t))
	b.fill(t, loaded(t).Schema(), applicant)
	b.predict(t, "#result")
	b.retype(t, "age", "61")
	b.predict(t, "#tried")
	eval[chromedp.Void](t, b, "document.activeElement.blur(); scrollTo(0, 0)")
	require.NoError(t, os.WriteFile("../screenshot.png", get(t, b, chromedp.CaptureScreenshot()), 0o644))

	b = newTab(t)
	require.NoError(t, os.WriteFile("../icons/card.png", b.drawing(t, "../card.svg", 1200, 630), 0o644))
	for _, size := range []int64{192, 512} {
		icon := fewShades(t, b.drawing(t, "../icons/icon.svg", size, size))
		require.NoError(t, os.WriteFile(fmt.Sprintf("../icons/icon-%d.png", size), icon, 0o644))
	}
}

// drawing takes a picture of an SVG file.
func (b *tab) drawing(t *testing.T, file string, width, height int64) []byte {
	t.Helper()
	path, err := filepath.Abs(file)
	require.NoError(t, err)
	b.run(t, chromedp.EmulateViewport(width, height), chromedp.Navigate("file://"+path))
	return get(t, b, chromedp.CaptureScreenshot())
}

// fewShades packs what is drawn in white on one colour into fewer bytes: the page
// carries its icons.
func fewShades(t *testing.T, picture []byte) []byte {
	t.Helper()
	drawn, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	ground := color.RGBAModel.Convert(drawn.At(0, 0)).(color.RGBA)
	var shades color.Palette
	for i := range 16 {
		toWhite := func(of uint8) uint8 { return of + uint8(int(255-of)*i/15) }
		shades = append(shades, color.RGBA{toWhite(ground.R), toWhite(ground.G), toWhite(ground.B), 255})
	}
	packed := image.NewPaletted(drawn.Bounds(), shades)
	draw.Draw(packed, packed.Rect, drawn, packed.Rect.Min, draw.Src)
	var file bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, packed))
	return file.Bytes()
}

// media sets what the page is shown on: "light", "dark", or "print".
func media(kind string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: kind}}}
		if kind == "print" {
			p = emulation.SetEmulatedMediaParams{Media: kind}
		}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, p)
		return err
	})
}

// states goes through all states of the page, one after another.
func (b *tab) states(t *testing.T, each func(state string)) {
	t.Helper()
	m := loaded(t)
	each("empty")
	b.predict(t, "#error-summary")
	each("errors")
	b.act(t, "clear")
	b.write(t, "city", "aur")
	b.down(t)
	each("searching")
	b.retype(t, "city", "aurangabad (b")
	b.enter(t)
	each("offering")
	b.act(t, "clear")
	b.fill(t, m.Schema(), applicant)
	b.predict(t, "#result")
	each("result")
	b.retype(t, "age", "61")
	each("changed")
	b.predict(t, "#tried")
	each("explored")
	b.paste(t, "hours,income,age,state\n7,many,99,Bihar")
	each("pasted")
	b.act(t, "paste")
	each("pasting")
	b.cancelPaste(t)
	b.act(t, "clear")
	strange := maps.Clone(applicant)
	strange["state"], strange["income"] = "Kerala", "99999999"
	delete(strange, "married")
	b.fill(t, m.Schema(), strange)
	b.predict(t, "#result")
	each("unlike")
	b.act(t, "clear")
	risky := maps.Clone(applicant)
	risky["current_job_yrs"] = "6"
	b.fill(t, m.Schema(), risky)
	b.predict(t, "#result")
	require.Equal(t, m.Schema().Target.Positive.Name, b.text(t, "#prediction"), "the model has changed: another applicant is above its threshold")
	each("above")
}

// predict sends the form and waits for what comes of it.
func (b *tab) predict(t testing.TB, selector string) {
	t.Helper()
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS(selector)))
}

// push pushes a button of the outcome.
func (b *tab) push(t testing.TB, id string) {
	t.Helper()
	b.run(t, chromedp.Click(chromedp.CSS("#"+id)))
}

// act presses a button by what it does.
func (b *tab) act(t testing.TB, name string) {
	t.Helper()
	eval[any](t, b, `document.querySelector("[data-act=`+name+`]").click()`)
}

// retype puts another text into a field, as a person would.
func (b *tab) retype(t testing.TB, field, text string) {
	t.Helper()
	eval[any](t, b, `document.getElementById("`+field+`").select()`)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#"+field), text))
}

// cancelPaste closes the dialog, and waits until the keyboard is back in the form.
func (b *tab) cancelPaste(t testing.TB) {
	t.Helper()
	get(t, b, chromedp.Evaluate[any](`new Promise((closed) => {
		document.getElementById("paste-dialog").addEventListener("close", () => closed(), {once: true});
		document.getElementById("paste-cancel").click();
	})`, chromedp.EvalAwaitPromise))
}

// paste pastes text outside all fields.
func (b *tab) paste(t testing.TB, text string) {
	t.Helper()
	eval[any](t, b, `(() => {
		const data = new DataTransfer();
		data.setData("text/plain", `+strconv.Quote(text)+`);
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
	})()`)
}

func (b *tab) picture(t *testing.T, scheme string, width int64, state string) {
	t.Helper()
	taken := get(t, b, chromedp.FullScreenshot(100))
	name := strings.Join([]string{state, scheme, strconv.FormatInt(width, 10)}, "-") + ".png"
	require.NoError(t, os.WriteFile(filepath.Join(*pictures, name), taken, 0o644))
}
