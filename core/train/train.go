// Package train fits random forests to integer vectors: Gini impurity,
// bootstrapped rows, balanced class weights, some features drawn for each
// split. The same rows and options give the same forest on every CPU, whatever
// the number of workers.
package train

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"lendleaf/core/forest"
)

// ErrTrain is wrapped by every error of Fit.
var ErrTrain = errors.New("cannot train")

// Options of a forest.
type Options struct {
	Trees     int    // how many
	Depth     int    // of the deepest leaf at most; 0: no limit
	Features  int    // drawn for each split; a further one while all drawn are constant
	MaxLeaves int    // of a tree, the best splits first; 0: no limit
	MinLeaf   int    // drawn rows in a leaf at least
	Seed      uint64 // of the pseudo-random draws
	Jobs      int    // trees grown at once; 0: one for each CPU

	// Progress, if set, is called after each tree, by one goroutine at a time.
	Progress func(done, total int)
}

// MaxTrees bounds Options.Trees.
const MaxTrees = 1 << 16

// Check says what is wrong with the options for rows of so many features. Its
// error wraps ErrTrain.
func (o Options) Check(features int) error {
	switch {
	case o.Trees < 1 || o.Trees > MaxTrees:
		return fmt.Errorf("%w: %d trees, want 1 to %d", ErrTrain, o.Trees, MaxTrees)
	case features < 1 || features > forest.MaxFeatures:
		return fmt.Errorf("%w: rows of %d features, want 1 to %d", ErrTrain, features, forest.MaxFeatures)
	case o.Depth < 0 || o.MaxLeaves < 0 || o.Jobs < 0:
		return fmt.Errorf("%w: depth, leaves and jobs cannot be negative", ErrTrain)
	case o.Features < 1 || o.Features > features:
		return fmt.Errorf("%w: %d features a split, want 1 to %d", ErrTrain, o.Features, features)
	case o.MinLeaf < 1:
		return fmt.Errorf("%w: %d rows a leaf, want at least 1", ErrTrain, o.MinLeaf)
	}
	return nil
}

// Fit grows a forest on rows that lie one behind the other in vectors, each as
// long as there are features, and on whether each had the positive outcome.
// Its errors wrap ErrTrain; that of ctx too once it is done.
func Fit(ctx context.Context, vectors []int64, features int, positive []bool, o Options) (*forest.Forest, error) {
	if err := o.Check(features); err != nil {
		return nil, err
	}
	if len(vectors) != len(positive)*features {
		return nil, fmt.Errorf("%w: %d numbers for %d rows of %d features", ErrTrain, len(vectors), len(positive), features)
	}
	if len(positive) == 0 {
		return nil, fmt.Errorf("%w: there is no row to train on", ErrTrain)
	}
	t := newTable(vectors, features, positive)
	if t.weights[0] == 0 || t.weights[1] == 0 {
		return nil, fmt.Errorf("%w: all %d rows have the same outcome", ErrTrain, len(positive))
	}
	trees := make([][]growth, o.Trees)
	t.growAll(ctx, trees, o)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	return assemble(trees, features), nil
}

// growAll fills trees. Which worker grows which tree does not matter: each tree
// has a generator of its own.
func (t *table) growAll(ctx context.Context, trees [][]growth, o Options) {
	jobs := o.Jobs
	if jobs == 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var workers sync.WaitGroup
	var next atomic.Int64
	var reporting sync.Mutex
	done := 0
	for range min(jobs, o.Trees) {
		workers.Go(func() {
			g := newGrower(t, o)
			for i := next.Add(1) - 1; i < int64(o.Trees) && ctx.Err() == nil; i = next.Add(1) - 1 {
				trees[i] = g.grow(ctx, treeDraws(o.Seed, i))
				reporting.Lock()
				if done++; o.Progress != nil {
					o.Progress(done, o.Trees)
				}
				reporting.Unlock()
			}
		})
	}
	workers.Wait()
}
