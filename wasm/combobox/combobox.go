// Package combobox is a list that is searched by typing, without a browser: what
// matches, which match is active, and what is chosen.
package combobox

import (
	"slices"
	"strings"
)

// Box searches a list of texts. It is open while it offers matches.
type Box struct {
	texts   []string // in alphabetical order
	folded  []string // the same, folded
	typed   string
	restore string // what Escape gives back
	open    bool
	matches []int // places in texts, best first, while the box is open
	active  int   // place in matches, or none
}

const none = -1

// Shown is how many matches are offered at once.
const Shown = 60

// page is how far PageDown and PageUp go.
const page = 8

// New makes a closed box of texts, in any order.
func New(texts []string) *Box {
	b := &Box{active: none}
	for _, text := range texts { // most come in order, and a package that sorts takes room
		at := len(b.texts)
		for at > 0 && b.texts[at-1] > text {
			at--
		}
		b.texts = slices.Insert(b.texts, at, text)
	}
	for _, text := range b.texts {
		b.folded = append(b.folded, Fold(text))
	}
	return b
}

// Set puts a text into the box, as if it had been chosen, and closes it.
func (b *Box) Set(text string) {
	b.typed, b.restore = text, text
	b.close()
}

// Type takes what was typed and offers what matches it.
func (b *Box) Type(text string) {
	b.typed = text
	b.offer(text)
	if strings.TrimSpace(text) != "" && len(b.matches) > 0 {
		b.active = 0
	}
}

// Press takes a key by the name that browsers give it. It returns whether the
// key is used up, so that it must do nothing else.
func (b *Box) Press(key string) (used bool) {
	switch key {
	case "ArrowDown":
		b.move(1)
		return true
	case "ArrowUp":
		b.move(-1)
		return true
	case "PageDown", "PageUp":
		return b.jump(key == "PageDown")
	case "Enter":
		used = b.active != none
		b.choose()
		return used
	case "Tab":
		b.choose()
		return false
	case "Escape":
		used = b.Open() || b.typed != b.restore
		b.Set(b.restore)
		return used
	}
	return false
}

// Choose takes the i-th match on offer.
func (b *Box) Choose(i int) {
	if i >= 0 && i < len(b.Offered()) {
		b.Set(b.texts[b.matches[i]])
	}
}

// Leave closes the box. What was typed stays as it is, but a text of the list is
// known however it is written.
func (b *Box) Leave() {
	folded := Fold(b.typed)
	for i, f := range b.folded {
		if f == folded {
			b.typed = b.texts[i]
		}
	}
	b.Set(b.typed)
}

// Toggle opens the box with the whole list on offer, or closes it.
func (b *Box) Toggle() {
	if b.Open() {
		b.close()
		return
	}
	b.openAll()
}

// Text is what the box holds.
func (b *Box) Text() string { return b.typed }

// Open says whether the box offers matches, or that there are none.
func (b *Box) Open() bool { return b.open }

// Active is the place of the active match among those on offer, or -1.
func (b *Box) Active() int { return b.active }

// Offered are the best matches.
func (b *Box) Offered() []string {
	offered := make([]string, min(len(b.matches), Shown))
	for i := range offered {
		offered[i] = b.texts[b.matches[i]]
	}
	return offered
}

// More is how many matches there are beyond those on offer.
func (b *Box) More() int { return max(0, len(b.matches)-Shown) }

func (b *Box) close() { b.open, b.matches, b.active = false, nil, none }

func (b *Box) offer(query string) {
	b.open, b.matches, b.active = true, b.find(query), none
}

// openAll offers the list from the text that the box holds on.
func (b *Box) openAll() {
	b.offer("")
	if i := slices.Index(b.texts, b.typed); i >= 0 {
		b.matches = slices.Concat(b.matches[i:], b.matches[:i])
		b.active = 0
	}
}

// move goes to the next match, or to the one before, round and round.
func (b *Box) move(by int) {
	if !b.Open() {
		b.openAll()
		if b.active != none {
			return
		}
	}
	n := len(b.Offered())
	switch {
	case n == 0:
	case b.active == none && by < 0:
		b.active = n - 1
	default:
		b.active = (b.active + by + n) % n
	}
}

func (b *Box) jump(down bool) bool {
	n := len(b.Offered())
	if n == 0 {
		return false
	}
	if down {
		b.active = min(b.active+page, n-1)
	} else {
		b.active = max(b.active-page, 0)
	}
	return true
}

func (b *Box) choose() {
	if b.active != none {
		b.Choose(b.active)
	} else {
		b.Leave()
	}
}

// find ranks what matches a query: texts that begin with it, then texts with a
// word that does, then texts that hold it anywhere.
func (b *Box) find(query string) []int {
	query = Fold(query)
	var ranks [4][]int
	for i, text := range b.folded {
		r := rank(text, query)
		ranks[r] = append(ranks[r], i)
	}
	return slices.Concat(ranks[0], ranks[1], ranks[2])
}

func rank(text, query string) int {
	switch at := strings.Index(text, query); {
	case at == 0:
		return 0
	case at > 0 && strings.Contains(text, " "+query):
		return 1
	case at > 0:
		return 2
	}
	return 3
}
