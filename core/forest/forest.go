// Package forest holds decision forests over integers, and walks them.
//
// A Forest is the plain form that training, import and the model file share.
// An Engine is compiled from it once, and scores.
package forest

import (
	"errors"
	"fmt"
	"math"
)

// ErrForest is wrapped by every error of this package.
var ErrForest = errors.New("invalid forest")

// Forest is a set of binary decision trees whose leaves hold probabilities.
// The forest's probability is the mean of those of the leaves reached.
type Forest struct {
	Cuts   [][]int64 // for each feature, the cuts that nodes may name, rising
	Values []float64 // the probabilities that leaves may name, rising, from 0 (not −0) to 1
	Trees  []Tree
}

// Tree lists its nodes in preorder: a node, all of its left subtree, all of
// its right one.
type Tree []Node

// Node is a leaf, which answers Values[Index], or asks whether its feature is
// at most Cuts[Feature][Index]: if so, left; else right.
type Node struct {
	Index   uint32
	Feature uint16
}

// Leaf is the Feature of a leaf.
const Leaf = math.MaxUint16

// MaxFeatures is the longest vector that a forest takes.
const MaxFeatures = 256

// Nodes counts the nodes of all trees.
func (f *Forest) Nodes() int {
	n := 0
	for _, t := range f.Trees {
		n += len(t)
	}
	return n
}

// Check proves that every node names a cut or value that exists, that tables
// rise, and that every tree is exactly one tree. Its error wraps ErrForest.
func (f *Forest) Check() error {
	if len(f.Cuts) == 0 || len(f.Cuts) > MaxFeatures {
		return fmt.Errorf("%w: %d features, want 1 to %d", ErrForest, len(f.Cuts), MaxFeatures)
	}
	if len(f.Trees) == 0 {
		return fmt.Errorf("%w: it has no tree", ErrForest)
	}
	for i, cuts := range f.Cuts {
		for j := 1; j < len(cuts); j++ {
			if cuts[j-1] >= cuts[j] {
				return fmt.Errorf("%w: cuts of feature %d do not rise at %d", ErrForest, i, j)
			}
		}
	}
	for i, v := range f.Values {
		if !(v <= 1) || math.Signbit(v) || i > 0 && f.Values[i-1] >= v {
			return fmt.Errorf("%w: value %d, %v, is no probability or does not rise", ErrForest, i, v)
		}
	}
	for i, t := range f.Trees {
		if err := f.checkTree(t); err != nil {
			return fmt.Errorf("%w: tree %d: %w", ErrForest, i, err)
		}
	}
	return nil
}

func (f *Forest) checkTree(t Tree) error {
	open := 1 // subtrees still to come
	for i, n := range t {
		if open == 0 {
			return fmt.Errorf("it is complete before node %d", i)
		}
		switch {
		case n.Feature == Leaf:
			if int(n.Index) >= len(f.Values) {
				return fmt.Errorf("node %d: no value %d", i, n.Index)
			}
			open--
		case int(n.Feature) >= len(f.Cuts) || int(n.Index) >= len(f.Cuts[n.Feature]):
			return fmt.Errorf("node %d: no cut %d of feature %d", i, n.Index, n.Feature)
		default:
			open++
		}
	}
	if open != 0 {
		return fmt.Errorf("%d subtrees are missing", open)
	}
	return nil
}
