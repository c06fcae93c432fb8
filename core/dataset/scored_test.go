package dataset_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// A model that says a hundredth of a record's value.
func hundredth(records []schema.Record) []float64 {
	var list []float64
	for _, r := range records {
		list = append(list, float64(r[0])/100)
	}
	return list
}

func TestScoredRowsStayTogether(t *testing.T) {
	d := &dataset.Data{
		Records:  []schema.Record{{10}, {20}, {30}, {40}},
		Positive: []bool{true, false, true, false},
	}
	s := d.Score([]int{3, 0, 2}, hundredth)
	assert.Equal(t, &dataset.Scored{
		Rows: []int{3, 0, 2}, Records: []schema.Record{{40}, {10}, {30}}, Positive: []bool{false, true, true}, Probabilities: []float64{0.4, 0.1, 0.3},
	}, s)
	assert.Equal(t, &dataset.Scored{
		Rows: []int{3, 2}, Records: []schema.Record{{40}, {30}}, Positive: []bool{false, true}, Probabilities: []float64{0.4, 0.3},
	}, s.Where(func(row int) bool { return row > 1 }))
	assert.Equal(t, &dataset.Scored{}, s.Where(func(int) bool { return false }))
	assert.Empty(t, d.Score(nil, hundredth).Probabilities)
}

func TestBaseRate(t *testing.T) {
	assert.Equal(t, 0.25, (&dataset.Scored{Positive: []bool{false, true, false, false}}).BaseRate())
	assert.Equal(t, 1.0, (&dataset.Scored{Positive: []bool{true}}).BaseRate())
}
