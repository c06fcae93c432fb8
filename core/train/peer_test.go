package train

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/forest"
)

// peerTrees is testdata/trees.json, which testdata/trees.py wrote with
// scikit-learn.
type peerTrees struct {
	Vectors  []int64
	Features int
	Positive []bool
	Draws    []uint32
	Trees    []struct {
		Depth     int
		MaxLeaves int `json:"max_leaves"`
		MinLeaf   int `json:"min_leaf"`
		Nodes     []struct {
			Feature int
			Cut     int64
			Value   float64
		}
	}
}

// On the same draws a tree has scikit-learn's splits, cuts, balanced weights
// and leaf values, depth first and best first.
func TestTreesAreScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/trees.json")
	require.NoError(t, err)
	var peer peerTrees
	require.NoError(t, json.Unmarshal(text, &peer))
	require.Len(t, peer.Trees, 5)
	rows := newTable(peer.Vectors, peer.Features, peer.Positive)
	for _, want := range peer.Trees {
		t.Run(fmt.Sprintf("depth %d, leaves %d, rows %d", want.Depth, want.MaxLeaves, want.MinLeaf), func(t *testing.T) {
			g := newGrower(rows, Options{Features: peer.Features, Depth: want.Depth, MaxLeaves: want.MaxLeaves, MinLeaf: want.MinLeaf})
			for row, times := range peer.Draws {
				r := rows.rows[row]
				g.drawn[r/2][r%2] += times
			}
			g.draws = treeDraws(1, 0)
			f := assemble([][]growth{g.growDrawn(context.Background())}, peer.Features)
			require.NoError(t, f.Check())
			require.Len(t, f.Trees[0], len(want.Nodes))
			for i, n := range f.Trees[0] {
				w := want.Nodes[i]
				if w.Feature < 0 {
					require.EqualValues(t, forest.Leaf, n.Feature, "node %d", i)
					assert.InDelta(t, w.Value, f.Values[n.Index], 1e-12)
					continue
				}
				require.EqualValues(t, w.Feature, n.Feature, "node %d", i)
				assert.Equal(t, w.Cut, f.Cuts[n.Feature][n.Index], "node %d", i)
			}
		})
	}
}
