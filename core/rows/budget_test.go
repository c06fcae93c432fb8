package rows_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// readers opens the same two applicants in each format.
func readers(t testing.TB, o rows.Options, long string) map[string]rows.Reader {
	t.Helper()
	shape := rows.NewShape(parcels(t))
	csv, err := rows.NewCSV(strings.NewReader("weight,colour,x\n1,red,\n2,red,"+long+"\n"), shape, o)
	require.NoError(t, err)
	return map[string]rows.Reader{
		"csv":    csv,
		"ndjson": rows.NewNDJSON(strings.NewReader("{\"weight\":1}\n{\"weight\":2,\"x\":\""+long+"\"}\n"), shape, o),
		"json":   rows.NewJSON(strings.NewReader("[{\"weight\":1},{\"weight\":2,\"x\":\""+long+"\"}]"), shape, o),
	}
}

func TestRowsHaveALimit(t *testing.T) {
	for name, r := range readers(t, rows.Options{Limit: 100}, strings.Repeat("x", 60)) {
		got, err := all(t, r)
		assert.NoError(t, err, name)
		assert.Len(t, got, 2)
	}
	for _, length := range []int{100, 1 << 17} {
		for name, r := range readers(t, rows.Options{Limit: 100}, strings.Repeat("x", length)) {
			got, err := all(t, r)
			if name == "json" {
				assert.Equal(t, rows.TooLongError{Limit: 100}, err)
				assert.Len(t, got, 1)
				continue
			}
			require.NoError(t, err, name)
			require.Len(t, got, 2, name)
			assert.Equal(t, "the row is longer than 100 bytes", got[1].fault, name)
		}
	}
	for limit, want := range map[int]string{0: "64 KiB", 1 << 20: "1 MiB", 1000: "1000 bytes"} {
		r := rows.NewNDJSON(strings.NewReader(strings.Repeat("x", 2<<20)), rows.NewShape(parcels(t)), rows.Options{Limit: limit})
		got, err := all(t, r)
		require.NoError(t, err)
		assert.Equal(t, "the row is longer than "+want, got[0].fault)
	}
}

// Behind a row that is too long the others are read, unless nobody can know where
// it ends.
func TestReadingGoesOnBehindLongRows(t *testing.T) {
	shape, long := rows.NewShape(parcels(t)), strings.Repeat("x", 3<<16)
	good := schema.Record{100, missing}
	got, err := all(t, rows.NewNDJSON(strings.NewReader("{\"weight\":1,\"x\":\""+long+"\"}\n{\"weight\":1}\n\n"+long+"\n{\"weight\":1}"), shape, rows.Options{}))
	require.NoError(t, err)
	require.Len(t, got, 4)
	for i, line := range []int{1, 2, 4, 5} {
		assert.Equal(t, line, got[i].line)
	}
	assert.Equal(t, good, got[3].record)
	got, err = all(t, table(t, "weight\n"+long+"\n1\n"+long+"\n1\n", rows.Options{}))
	require.NoError(t, err)
	require.Len(t, got, 4)
	assert.Equal(t, row{2, schema.Record{missing, missing}, "the row is longer than 64 KiB"}, got[0])
	assert.Equal(t, row{5, good, ""}, got[3])
	for _, text := range []string{"weight,x\n1,2\n\"" + long, "weight,x\n1,2\n" + long + ",\"\n1,2", "weight,x\n1,2\n1,\"\n" + long + "\"\n1,2"} {
		got, err = all(t, table(t, text, rows.Options{}))
		assert.EqualError(t, err, "after line 2: the row is longer than 64 KiB: is a quotation mark left open?")
		assert.Len(t, got, 1)
	}
}

// Of cells that no column is for none is kept, and columns are few.
func TestColumnsHaveALimit(t *testing.T) {
	shape, fields := rows.NewShape(parcels(t)), len(parcels(t).Fields)
	header := "weight" + strings.Repeat(",x", 4*fields-1)
	_, err := rows.NewCSV(strings.NewReader(header), shape, rows.Options{})
	require.NoError(t, err)
	for _, more := range []string{",x", ",\"x\"", strings.Repeat(",", 1000)} {
		_, err = rows.NewCSV(strings.NewReader(header+more), shape, rows.Options{})
		assert.Equal(t, rows.ColumnsError{Limit: 4 * fields}, err)
		assert.ErrorIs(t, err, rows.ErrColumns)
		_, err = rows.NewCSV(strings.NewReader(header+more), shape, rows.OwnFile)
		assert.NoError(t, err)
	}
	var next rows.Row
	c := table(t, "weight,x\n"+strings.Repeat(",", 60_000)+"\n1,2,3,\"a\nb\"\n1,2\n", rows.Options{})
	for line, want := range map[int]error{2: rows.ErrCells, 3: rows.ErrCells} {
		require.NoError(t, c.Read(&next))
		require.Len(t, next.Faults, 1, line)
		assert.Equal(t, want, next.Faults[0].Err)
		assert.Less(t, cap(next.Cells), 10)
	}
	require.NoError(t, c.Read(&next))
	assert.Equal(t, 5, next.Line)
	assert.Empty(t, next.Faults)
}

func TestBudgets(t *testing.T) {
	process := rows.NewBudget(100, nil)
	request := rows.NewBudget(80, process)
	other := rows.NewBudget(80, process)
	require.NoError(t, request.Take(60))
	assert.Equal(t, rows.BudgetError{Wanted: 21, Limit: 80}, request.Take(21))
	assert.Equal(t, rows.BudgetError{Wanted: 41, Limit: 100}, other.Take(41), "the whole is spent")
	assert.Zero(t, other.Taken())
	require.NoError(t, other.Take(40))
	assert.EqualValues(t, 100, process.Taken())
	request.Give(60)
	assert.EqualValues(t, 40, process.Taken())
	require.NoError(t, other.Take(40))
	assert.ErrorIs(t, other.Take(1), rows.ErrBudget)
	assert.EqualError(t, rows.BudgetError{Wanted: 1, Limit: 2}, "the rows under way need more memory than there is for them: 1 bytes more, of 2 in all")
}

// What is held is counted, refused past the budget, and given back whole.
func TestRowsAreBudgeted(t *testing.T) {
	long := strings.Repeat("x", 50_000)
	for _, name := range []string{"csv", "ndjson", "json"} {
		budget := rows.NewBudget(1<<20, nil)
		every := readers(t, rows.Options{Budget: budget}, long)
		r := every[name]
		held := make([]rows.Row, 3)
		var err error
		for i := range held {
			if err = r.Read(&held[i]); err != nil {
				break
			}
		}
		require.Equal(t, io.EOF, err, name)
		assert.Greater(t, budget.Taken(), int64(1<<16+50_000), name)
		for i := range held {
			held[i].Release()
		}
		for _, r := range every {
			r.(interface{ Close() }).Close()
		}
		assert.Zero(t, budget.Taken(), name)
	}
	budget := rows.NewBudget(1<<17, nil)
	r := rows.NewNDJSON(strings.NewReader(strings.Repeat("{\"weight\":1}\n", 10_000)), rows.NewShape(parcels(t)), rows.Options{Budget: budget})
	var err error
	var held []*rows.Row
	for err == nil {
		held = append(held, &rows.Row{})
		err = r.Read(held[len(held)-1])
	}
	var refused rows.BudgetError
	require.True(t, errors.As(err, &refused), "%v", err)
	assert.EqualValues(t, 1<<17, refused.Limit)
	assert.Greater(t, len(held), 500)
	assert.LessOrEqual(t, budget.Taken(), int64(1<<17))
	for _, row := range held {
		row.Release()
	}
	assert.EqualValues(t, 1<<16, budget.Taken(), "the window")
	require.NoError(t, r.Read(held[0]), "there is room again")
	held[0].Release()
	r.Close()
	assert.Zero(t, budget.Taken())
}

// A line of separators alone costs far more than its text.
func TestCellsAreBudgeted(t *testing.T) {
	budget := rows.NewBudget(4<<20, nil)
	c := rows.NewCells(strings.NewReader("weight\n1\n"+strings.Repeat(",", 500_000)+"\n"), rows.Options{Limit: 1 << 20, Budget: budget})
	var next rows.Row
	require.NoError(t, c.Read(&next))
	require.NoError(t, c.Read(&next))
	assert.ErrorIs(t, c.Read(&next), rows.ErrBudget)
	assert.Less(t, cap(next.Cells), 1000)
	next.Release()
	c.Close()
	assert.Zero(t, budget.Taken())
}
