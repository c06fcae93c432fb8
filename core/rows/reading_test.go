package rows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// Weights are kept in hundredths: 1.5 is 150.
func TestReadings(t *testing.T) {
	const wrong = int64(missing)
	for name, c := range map[string]struct {
		reading rows.Reading
		cells   map[string]int64
	}{
		"none": {rows.Reading{}, map[string]int64{"1.5": 150, " 1.5\t": 150, "1e2": 10000, "1,5": wrong, "8,00": wrong, "NA": wrong, "1_0": wrong, "+1": wrong, "01": wrong, ".5": wrong, "5.": wrong}},
		"decimal comma": {rows.Reading{Decimal: ','}, map[string]int64{
			"1,5": 150, "0,25": 25, "7": 700, "1,5e1": 1500, "1.5": wrong, "1,5,0": wrong, "1,": wrong, ",5": wrong, "1,-5": wrong, "1,5e": wrong, "01,5": wrong, "-0,00": 0, "-1": wrong}},
		"thousands": {rows.Reading{Decimal: ',', Thousands: '.'}, map[string]int64{
			"0.000,5": wrong, "500": 50000, "500,5": 50050, "0,5": 50, "1.5": wrong, "12.34": wrong, ".500": wrong, "5.": wrong, "899.": wrong, "1.234,5": wrong, "5..000": wrong}},
		"apostrophe": {rows.Reading{Thousands: '’'}, map[string]int64{"5.25": 525, "1’234": wrong, "0’": wrong}},
		"missing":    {rows.Reading{Missing: []string{"NA", " ? "}}, map[string]int64{"NA": wrong, "1.5": 150}},
	} {
		for cell, want := range c.cells {
			csv := table(t, "weight;colour\n\""+cell+"\";red\n", rows.Options{Separator: ';', Reading: c.reading})
			var next rows.Row
			require.NoError(t, csv.Read(&next))
			assert.Equal(t, want, next.Record[0], "%s: %q", name, cell)
			assert.Equal(t, want == wrong, len(next.Faults) > 0, "%s: %q", name, cell)
		}
	}
}

// A field without bounds, in whole steps.
func wide(t testing.TB) *rows.Shape {
	s := parcels(t)
	s.Fields[0].Min, s.Fields[0].Max = nil, nil
	return rows.NewShape(s)
}

func TestThousands(t *testing.T) {
	for cell, want := range map[string]int64{
		"1.234,5": 123450, "1.234.567": 123456700, "-12.345,67": -1234567, "123": 12300, "1234": 123400, "1234,5": 123450, "999.999": 99999900,
		"1.23.456": missing, "12.3456": missing, "1234.567": missing, "1.234.": missing, "-": missing, "--1": missing, "1.234,5.6": missing,
	} {
		c, err := rows.NewCSV(strings.NewReader("weight\n\""+cell+"\"\n"), wide(t), rows.Options{Reading: rows.Reading{Decimal: ',', Thousands: '.'}})
		require.NoError(t, err)
		var next rows.Row
		require.NoError(t, c.Read(&next))
		assert.Equal(t, want, next.Record[0], cell)
	}
}

func TestMissingSpellings(t *testing.T) {
	csv := table(t, "weight,colour\n1,NA\n2, ? \n3,\n4,na\n?,red\n", rows.Options{Reading: rows.Reading{Missing: []string{"NA", " ? ", ""}}})
	got, err := all(t, csv)
	require.NoError(t, err)
	assert.Equal(t, []row{
		{2, schema.Record{100, missing}, ""}, {3, schema.Record{200, missing}, ""}, {4, schema.Record{300, missing}, ""},
		{5, schema.Record{400, missing}, pickColour}, {6, schema.Record{missing, 0}, pickWeight},
	}, got)
}

func TestReadingsThatContradictThemselves(t *testing.T) {
	for reason, reading := range map[string]rows.Reading{
		`'.' is both decimal mark and thousands separator`: {Thousands: '.'},
		`',' is both decimal mark and thousands separator`: {Decimal: ',', Thousands: ','},
		`'5' cannot be the decimal mark`:                   {Decimal: '5'},
		`'-' cannot be the thousands separator`:            {Thousands: '-'},
		`'e' cannot be the decimal mark`:                   {Decimal: 'e'},
		`'"' cannot be the thousands separator`:            {Thousands: '"'},
		`"RED" is both missing and a label of "colour"`:    {Missing: []string{"RED"}},
	} {
		_, err := rows.NewCSV(strings.NewReader("weight\n"), rows.NewShape(parcels(t)), rows.Options{Reading: reading})
		assert.ErrorIs(t, err, rows.ErrReading)
		assert.ErrorContains(t, err, reason)
	}
	assert.NoError(t, rows.Reading{Decimal: ',', Thousands: '\u202f', Missing: []string{"NA"}}.Check())
}
