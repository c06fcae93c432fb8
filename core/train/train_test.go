package train_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/forest"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

// machines is the made-up second definition with its data.
func machines(t testing.TB) (*definition.Definition, *dataset.Data) {
	t.Helper()
	text, err := os.ReadFile("../testdata/machines.json")
	require.NoError(t, err)
	d, err := definition.Parse(text)
	require.NoError(t, err)
	file, err := os.ReadFile("../testdata/machines.csv")
	require.NoError(t, err)
	data, err := dataset.Read(bytes.NewReader(file), d.Schema)
	require.NoError(t, err)
	return d, data
}

func options() train.Options {
	return train.Options{Trees: 7, Features: 2, MinLeaf: 1, Seed: 42}
}

func plan() train.Plan {
	return train.Plan{Options: options(), Split: modelfile.SplitReference}
}

func fit(t testing.TB, o train.Options) *forest.Forest {
	t.Helper()
	p := plan()
	p.Options = o
	d, data := machines(t)
	m, err := train.Model(context.Background(), d, data, p)
	require.NoError(t, err)
	require.NoError(t, m.Forest.Check())
	return m.Forest
}

// digest is the SHA-256 of all numbers of a forest, bit by bit.
func digest(t testing.TB, f *forest.Forest) string {
	t.Helper()
	var b bytes.Buffer
	for _, cuts := range f.Cuts {
		require.NoError(t, binary.Write(&b, binary.LittleEndian, cuts))
	}
	require.NoError(t, binary.Write(&b, binary.LittleEndian, f.Values))
	for _, tree := range f.Trees {
		require.NoError(t, binary.Write(&b, binary.LittleEndian, []forest.Node(tree)))
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:])
}

// The digests were made on amd64; 386, and amd64 with fused multiply-adds, agree.
func TestForestsAreTheSameEverywhere(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *train.Options)
		want   string
	}{
		"depth first": {func(*train.Options) {}, "a29338faa7886c40076f8826db76606e17c34673cbac79ed7e52a58c8dea02d3"},
		"best first":  {func(o *train.Options) { o.MaxLeaves = 20 }, "7deef9389de2ca4a46b9ff7c6b42c7d2a3317b930c58deccf0eb74535c9cccf5"},
	} {
		o := options()
		c.change(&o)
		for _, o.Jobs = range []int{0, 1, 2, 5, 5} {
			require.Equal(t, c.want, digest(t, fit(t, o)), "%s, %d jobs", name, o.Jobs)
		}
	}
}

func TestSeedMatters(t *testing.T) {
	o := options()
	one := digest(t, fit(t, o))
	o.Seed++
	assert.NotEqual(t, one, digest(t, fit(t, o)))
}

// A tree depends on seed and place alone: a larger forest begins with the
// smaller one.
func TestTreesDoNotDependOnEachOther(t *testing.T) {
	o := options()
	few := fit(t, o)
	o.Trees = 9
	many := fit(t, o)
	for i, tree := range few.Trees {
		require.Len(t, many.Trees[i], len(tree))
		for j, n := range tree {
			m := many.Trees[i][j]
			require.Equal(t, n.Feature, m.Feature)
			if n.Feature == forest.Leaf {
				require.Equal(t, few.Values[n.Index], many.Values[m.Index])
			} else {
				require.Equal(t, few.Cuts[n.Feature][n.Index], many.Cuts[n.Feature][m.Index])
			}
		}
	}
}

// measure returns the depth of a tree and the number of its leaves.
func measure(tree forest.Tree) (depth, leaves int) {
	var walk func(at, level int) int
	walk = func(at, level int) int {
		depth = max(depth, level)
		if tree[at].Feature == forest.Leaf {
			leaves++
			return at + 1
		}
		return walk(walk(at+1, level+1), level+1)
	}
	walk(0, 0)
	return depth, leaves
}

func TestLimitsAreKept(t *testing.T) {
	o := options()
	for _, o.Depth = range []int{1, 3} {
		for _, tree := range fit(t, o).Trees {
			depth, _ := measure(tree)
			assert.Equal(t, o.Depth, depth)
		}
	}
	o = options()
	o.MaxLeaves = 6
	for _, tree := range fit(t, o).Trees {
		_, leaves := measure(tree)
		assert.Equal(t, 6, leaves)
	}
	o.MaxLeaves = 1
	for _, tree := range fit(t, o).Trees {
		assert.Len(t, tree, 1)
	}
}

// Of two features with thousands of values the second tells the outcomes apart at
// 3,000: one split does.
func TestTwoWideFeatures(t *testing.T) {
	const n = 12_000
	var vectors []int64
	var positive []bool
	for i := range int64(n) {
		second := i * 7 % 6000
		vectors = append(vectors, i*7%n, second)
		positive = append(positive, second >= 3000)
	}
	f, err := train.Fit(context.Background(), vectors, 2, positive, train.Options{Trees: 3, Depth: 1, Features: 2, MinLeaf: 1})
	require.NoError(t, err)
	assert.Equal(t, []float64{0, 1}, f.Values)
	for _, tree := range f.Trees {
		require.Len(t, tree, 3)
		assert.EqualValues(t, 1, tree[0].Feature)
		// The rows drawn lack a few values: the cut lies in the gap around 3,000.
		assert.InDelta(t, 2999, f.Cuts[1][tree[0].Index], 20)
	}
}

// With weights 3 and 1, a leaf of a and b drawn rows says 3b/(a+3b): both counts
// show in it.
func TestLeavesHaveEnoughRows(t *testing.T) {
	const n, minLeaf = 400, 13
	vectors, positive := make([]int64, n), make([]bool, n)
	for i := range n {
		vectors[i], positive[i] = int64(i*i%397), i%4 == 0
	}
	f, err := train.Fit(context.Background(), vectors, 1, positive, train.Options{Trees: 5, Features: 1, MinLeaf: minLeaf, Seed: 1})
	require.NoError(t, err)
	possible := map[float64]bool{}
	for negatives := 0; negatives <= n; negatives++ {
		for positives := max(0, minLeaf-negatives); positives+negatives <= n; positives++ {
			possible[float64(3*positives)/(float64(negatives)+float64(3*positives))] = true
		}
	}
	assert.Greater(t, f.Nodes(), 5)
	for _, v := range f.Values {
		assert.True(t, possible[v], "%v", v)
	}
	f, err = train.Fit(context.Background(), vectors, 1, positive, train.Options{Trees: 5, Features: 1, MinLeaf: n/2 + 1, Seed: 1})
	require.NoError(t, err)
	assert.Equal(t, 5, f.Nodes(), "no node can be divided")
}

func TestBestFirstWithoutALimitIsDepthFirst(t *testing.T) {
	o := options()
	o.Features = 7 // then the order in which nodes draw features does not matter
	deep := fit(t, o)
	o.MaxLeaves = 1 << 20
	best := fit(t, o)
	_, data := machines(t)
	assert.InDelta(t, deep.Nodes(), best.Nodes(), float64(deep.Nodes())/10, "only ties differ")
	o.MaxLeaves = 8
	small := fit(t, o)
	o.MaxLeaves, o.Depth = 0, 3
	level := fit(t, o)
	assert.Less(t, impurity(t, small, data), impurity(t, level, data), "8 leaves, the best or those of depth 3")
}

// impurity is the mean squared error of the balanced training rows.
func impurity(t *testing.T, f *forest.Forest, data *dataset.Data) float64 {
	t.Helper()
	d, _ := machines(t)
	records, positive := data.Rows(dataset.Reference(len(data.Records)).Training)
	set, err := d.Features.Set(d.Features.Learn(records, positive))
	require.NoError(t, err)
	engine, err := forest.Compile(f)
	require.NoError(t, err)
	var sum, rows [2]float64
	for i, p := range engine.AppendProbabilities(nil, train.Vectors(set, records)) {
		class := 0
		if positive[i] {
			class, p = 1, 1-p
		}
		sum[class] += p * p
		rows[class]++
	}
	return sum[0]/rows[0] + sum[1]/rows[1]
}

// Extreme numbers neither overflow nor stop the growth.
func TestExtremeNumbers(t *testing.T) {
	vectors := []int64{math.MinInt64, math.MaxInt64, math.MinInt64 + 1, math.MaxInt64 - 1, 0, -1}
	positive := []bool{true, false, true, false, true, false}
	f, err := train.Fit(context.Background(), vectors, 1, positive, train.Options{Trees: 50, Features: 1, MinLeaf: 1})
	require.NoError(t, err)
	require.NoError(t, f.Check())
	engine, err := forest.Compile(f)
	require.NoError(t, err)
	assert.Greater(t, engine.Probability(vectors[0:1]), 0.8)
	assert.Less(t, engine.Probability(vectors[1:2]), 0.2)
}

func TestConstantFeatures(t *testing.T) {
	f, err := train.Fit(context.Background(), []int64{7, 7, 7, 7, 7, 7}, 2, []bool{true, false, true}, options())
	require.NoError(t, err)
	assert.Equal(t, 7, f.Nodes(), "leaves only")
}

func TestFitRefuses(t *testing.T) {
	vectors, positive := []int64{1, 2, 3, 4}, []bool{true, false}
	for name, change := range map[string]func(o *train.Options){
		"no trees":             func(o *train.Options) { o.Trees = 0 },
		"too many trees":       func(o *train.Options) { o.Trees = train.MaxTrees + 1 },
		"negative depth":       func(o *train.Options) { o.Depth = -1 },
		"negative leaves":      func(o *train.Options) { o.MaxLeaves = -1 },
		"negative jobs":        func(o *train.Options) { o.Jobs = -1 },
		"no feature":           func(o *train.Options) { o.Features = 0 },
		"more than there are":  func(o *train.Options) { o.Features = 3 },
		"leaves without a row": func(o *train.Options) { o.MinLeaf = 0 },
	} {
		o := options()
		change(&o)
		_, err := train.Fit(context.Background(), vectors, 2, positive, o)
		assert.ErrorIs(t, err, train.ErrTrain, name)
	}
	for name, c := range map[string]struct {
		vectors  []int64
		features int
		positive []bool
	}{
		"no row":            {nil, 2, nil},
		"too few numbers":   {vectors[:3], 2, positive},
		"only positives":    {vectors, 2, []bool{true, true}},
		"only negatives":    {vectors, 2, []bool{false, false}},
		"too many features": {make([]int64, 2*257), 257, positive},
		"no features":       {nil, 0, positive},
	} {
		_, err := train.Fit(context.Background(), c.vectors, c.features, c.positive, options())
		assert.ErrorIs(t, err, train.ErrTrain, name)
	}
}

// What a plan may hold at most and at least, and a step beyond.
func TestPlansAreChecked(t *testing.T) {
	good := func() train.Plan {
		return train.Plan{Options: train.Options{Trees: 1, Features: 1, MinLeaf: 1}, Split: modelfile.SplitReference}
	}
	all := func(p *train.Plan) { p.Split, p.Threshold = modelfile.SplitAll, train.Given(0.5) }
	for name, change := range map[string]func(p *train.Plan){
		"as it is":          func(*train.Plan) {},
		"threshold 0":       func(p *train.Plan) { p.Threshold = train.Given(0) },
		"threshold 1":       func(p *train.Plan) { p.Threshold = train.Given(1) },
		"recall 1":          func(p *train.Plan) { p.Threshold = train.RecallAtLeast(1) },
		"little recall":     func(p *train.Plan) { p.Threshold = train.RecallAtLeast(0.001) },
		"most trees":        func(p *train.Plan) { p.Trees = 65_536 },
		"every row":         all,
		"split by a field":  func(p *train.Plan) { p.Group = []string{"hall"} },
		"as many features":  func(p *train.Plan) { p.Features = 256 },
		"no limits, a seed": func(p *train.Plan) { p.Depth, p.MaxLeaves, p.Seed = 0, 0, 1 },
	} {
		p := good()
		change(&p)
		assert.NoError(t, p.Check(256), name)
	}
	for name, change := range map[string]func(p *train.Plan){
		"another split":        func(p *train.Plan) { p.Split = "" },
		"nothing to choose on": func(p *train.Plan) { p.Split = modelfile.SplitAll },
		"nothing to aim on":    func(p *train.Plan) { p.Split, p.Threshold = modelfile.SplitAll, train.RecallAtLeast(0.5) },
		"a group of no parts":  func(p *train.Plan) { all(p); p.Group = []string{"hall"} },
		"threshold below 0":    func(p *train.Plan) { p.Threshold = train.Given(-0.001) },
		"threshold above 1":    func(p *train.Plan) { p.Threshold = train.Given(1.001) },
		"threshold NaN":        func(p *train.Plan) { p.Threshold = train.Given(math.NaN()) },
		"recall 0":             func(p *train.Plan) { p.Threshold = train.RecallAtLeast(0) },
		"recall above 1":       func(p *train.Plan) { p.Threshold = train.RecallAtLeast(1.001) },
		"no tree":              func(p *train.Plan) { p.Trees = 0 },
		"a tree too many":      func(p *train.Plan) { p.Trees = 65_537 },
		"a feature too many":   func(p *train.Plan) { p.Features = 257 },
	} {
		p := good()
		change(&p)
		assert.ErrorIs(t, p.Check(256), train.ErrTrain, name)
	}
	p := good()
	p.Threshold = train.RecallAtLeast(1.001)
	assert.ErrorContains(t, p.Check(256), "recall 1.001", "it is no threshold")
	p = good()
	assert.ErrorIs(t, p.Check(0), train.ErrTrain, "no features")
	assert.ErrorContains(t, p.Check(0), "rows of 0 features", "not what is drawn of them")
	assert.ErrorIs(t, p.Check(257), train.ErrTrain, "more features than a forest has")
	assert.NoError(t, p.Check(1))
}

func TestModelRefuses(t *testing.T) {
	d, data := machines(t)
	none := &dataset.Data{Records: data.Records, Positive: make([]bool, len(data.Records))}
	few := &dataset.Data{Records: data.Records[:3], Positive: []bool{true, false, true}}
	for name, c := range map[string]struct {
		data   *dataset.Data
		change func(p *train.Plan)
	}{
		"split":               {data, func(p *train.Plan) { p.Split = "half" }},
		"nothing to choose":   {data, func(p *train.Plan) { p.Split = modelfile.SplitAll }},
		"threshold too large": {data, func(p *train.Plan) { p.Threshold = train.Given(1.1) }},
		"threshold negative":  {data, func(p *train.Plan) { p.Threshold = train.Given(-0.1) }},
		"recall too large":    {data, func(p *train.Plan) { p.Threshold = train.RecallAtLeast(2) }},
		"recall NaN":          {data, func(p *train.Plan) { p.Threshold = train.RecallAtLeast(math.NaN()) }},
		"threshold NaN":       {data, func(p *train.Plan) { p.Threshold = train.Given(math.NaN()) }},
		"recall of nothing":   {data, func(p *train.Plan) { p.Threshold = train.RecallAtLeast(0) }},
		"options":             {data, func(p *train.Plan) { p.Trees = -1 }},
		"a group of no field": {data, func(p *train.Plan) { p.Group = []string{"colour"} }},
		"one outcome":         {none, func(*train.Plan) {}},
		"too few rows":        {few, func(*train.Plan) {}},
		"no row":              {&dataset.Data{}, func(*train.Plan) {}},
	} {
		p := plan()
		c.change(&p)
		_, err := train.Model(context.Background(), d, c.data, p)
		assert.ErrorIs(t, err, train.ErrTrain, name)
	}
	p := plan()
	p.Group = []string{"colour"}
	_, err := train.Model(context.Background(), d, data, p)
	assert.ErrorIs(t, err, schema.ErrSchema, "it says that there is no such field")
}

// Whoever waits for a forest should not be told at the end that the validation
// part was no use.
func TestAThresholdThatCannotBeChosenIsToldAtOnce(t *testing.T) {
	d, data := machines(t)
	validation := data.Parts(nil).Validation
	positive := slices.Clone(data.Positive)
	for _, row := range validation {
		positive[row] = false
	}
	p := plan()
	p.Progress = func(int, int) { assert.Fail(t, "a tree was grown") }
	_, err := train.Model(context.Background(), d, &dataset.Data{Records: data.Records, Positive: positive}, p)
	require.ErrorIs(t, err, train.ErrTrain)
	assert.ErrorContains(t, err, "the 120 rows of the validation part do not have both outcomes")

	for _, row := range validation {
		positive[row] = true
	}
	_, err = train.Model(context.Background(), d, &dataset.Data{Records: data.Records, Positive: positive}, p)
	assert.ErrorContains(t, err, "the 120 rows of the validation part do not have both outcomes")

	p = plan()
	p.Threshold = train.Given(0.5)
	_, err = train.Model(context.Background(), d, &dataset.Data{Records: data.Records, Positive: positive}, p)
	require.NoError(t, err, "none is to be chosen")

	one := &dataset.Data{Records: slices.Repeat(data.Records[:1], 20), Positive: data.Positive[:20]}
	p.Group = []string{d.Fields[0].Name} // one person is in one part, here not the training's
	_, err = train.Model(context.Background(), d, one, p)
	assert.ErrorContains(t, err, "there is no row to train on")
}

func TestModelLearnsFromTheTrainingPartOnly(t *testing.T) {
	d, data := machines(t)
	p := plan()
	m, err := train.Model(context.Background(), d, data, p)
	require.NoError(t, err)
	assert.Equal(t, modelfile.Data{SHA256: data.SHA256, Rows: 1200}, m.Training.Data)
	assert.Equal(t, 960, m.Training.Rows)
	assert.Equal(t, modelfile.Parameters{Trees: 7, Features: 2, MinLeaf: 1, Seed: 42}, m.Training.Parameters)

	parts := dataset.Reference(1200)
	records, positive := data.Rows(parts.Training)
	assert.Equal(t, d.Features.Learn(records, positive), m.Learned)
	positives := 0
	for _, p := range positive {
		if p {
			positives++
		}
	}
	assert.Equal(t, positives, m.Training.Positives)

	// What the other parts hold changes neither forest nor rates.
	other := &dataset.Data{Records: append([]schema.Record{}, data.Records...), Positive: append([]bool{}, data.Positive...)}
	for _, row := range slices.Concat(parts.Validation, parts.Test) {
		other.Records[row], other.Positive[row] = data.Records[0], !data.Positive[row]
	}
	p.Threshold = train.Given(0.5)
	changed, err := train.Model(context.Background(), d, other, p)
	require.NoError(t, err)
	assert.Equal(t, digest(t, m.Forest), digest(t, changed.Forest))
	assert.Equal(t, m.Learned, changed.Learned)
	assert.Equal(t, 0.5, changed.Threshold)
	require.NotNil(t, m.Novelty)
	assert.Equal(t, m.Novelty, changed.Novelty)
	assert.Equal(t, m.Baseline, changed.Baseline)
	require.Len(t, m.Baseline, len(d.Schema.Fields))
	for _, bins := range m.Baseline {
		rows := bins.Missing
		for _, n := range bins.Counts {
			rows += n
		}
		assert.Equal(t, 960, rows, "every row of the training part, and no other")
	}
}

// People are told apart by the plan's group: here a person has all rows of a
// hall, and so is in one part only.
func TestPeopleAreTheGroup(t *testing.T) {
	d, data := machines(t)
	p := plan()
	p.Threshold = train.Given(0.5)
	alone, err := train.Model(context.Background(), d, data, p)
	require.NoError(t, err)
	assert.Equal(t, 120, alone.Calibration.Rows, "no two rows are equal in all fields, so all of the test part count")

	p.Group = []string{"hall"}
	group, err := d.Indexes(p.Group)
	require.NoError(t, err)
	test := data.Parts(group).Test
	grouped, err := train.Model(context.Background(), d, data, p)
	require.NoError(t, err)
	require.NotEmpty(t, grouped.Calibration.Steps)
	assert.Equal(t, len(test), grouped.Calibration.Rows)
	assert.Equal(t, p.Group, grouped.Training.Group)

	// The test part has all rows of one hall: one draw, that deviates from the mean by nothing.
	halls := map[int64]bool{}
	for _, row := range test {
		halls[data.Records[row][group[0]]] = true
	}
	require.Len(t, halls, 1)
	assert.InDelta(t, 0, grouped.Calibration.Margin, 1e-12)
	assert.Greater(t, alone.Calibration.Margin, 0.001)
}

func TestThresholdIsChosenOnTheValidationPart(t *testing.T) {
	d, data := machines(t)
	validation := dataset.Reference(len(data.Records)).Validation
	records, positive := data.Rows(validation)
	for choice, aim := range map[train.Threshold]metrics.Aim{train.BestF1: metrics.BestF1, train.RecallAtLeast(0.9): metrics.RecallAtLeast(0.9)} {
		p := plan()
		p.Threshold = choice
		m, err := train.Model(context.Background(), d, data, p)
		require.NoError(t, err)
		want, err := metrics.ChooseThreshold(m.Engine.AppendProbabilities(nil, train.Vectors(m.Features, records)), positive, aim)
		require.NoError(t, err)
		assert.Equal(t, want, m.Threshold)
	}
}

func TestSplitAllTakesEveryRow(t *testing.T) {
	d, data := machines(t)
	p := plan()
	p.Split, p.Threshold = modelfile.SplitAll, train.Given(0.4)
	m, err := train.Model(context.Background(), d, data, p)
	require.NoError(t, err)
	assert.Equal(t, 1200, m.Training.Rows)
	assert.Equal(t, 0.4, m.Threshold)
}

func TestProgressCountsEveryTree(t *testing.T) {
	o := options()
	o.Jobs = 3
	var seen []int
	o.Progress = func(done, total int) {
		assert.Equal(t, 7, total)
		seen = append(seen, done)
	}
	fit(t, o)
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7}, seen)
}

func TestTrainingStopsWithItsContext(t *testing.T) {
	d, data := machines(t)
	ctx, stop := context.WithCancel(context.Background())
	p := plan()
	p.Trees, p.Jobs = train.MaxTrees, 2
	trees := 0
	p.Progress = func(done, _ int) {
		trees = done
		stop()
	}
	_, err := train.Model(ctx, d, data, p)
	assert.ErrorIs(t, err, train.ErrTrain)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Less(t, trees, 10)
}

// BenchmarkFit grows trees on as many rows as lenders have: a wide feature, a
// few narrow ones, noise.
func BenchmarkFit(b *testing.B) {
	const n, features = 50_000, 8
	r := rand.New(rand.NewPCG(1, 2))
	vectors, positive := make([]int64, 0, n*features), make([]bool, n)
	for i := range n {
		sum := int64(0)
		for _, width := range []int64{1 << 40, 60, 30, 20, 15, 5, 4, 2} {
			x := r.Int64N(width)
			vectors = append(vectors, x)
			sum += 8 * x / width
		}
		positive[i] = sum+r.Int64N(12) > 46
	}
	for name, o := range map[string]train.Options{
		"deep":   {Trees: 2, Features: 1, MinLeaf: 1},
		"leaves": {Trees: 2, Features: 4, MinLeaf: 1, MaxLeaves: 1000},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := train.Fit(context.Background(), vectors, features, positive, o)
				require.NoError(b, err)
			}
		})
	}
}
