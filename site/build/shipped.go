package main

import (
	"os"

	"lendleaf/site/pages"
)

// shipped is what the page is about that this project ships. The address may be
// empty.
func shipped(address string) (pages.Subject, error) {
	of := pages.Subject{Address: address}
	report, err := readAll("site/report/*")
	if err != nil {
		return pages.Subject{}, err
	}
	of.Report = report
	for file, content := range map[string]*[]byte{
		"site/model/loan-default.lendleaf": &of.Model, "site/model/words.json": &of.Words,
		"site/model/examples.json": &of.Examples, "site/model/card.html": &of.Card,
	} {
		if *content, err = os.ReadFile(file); err != nil {
			return pages.Subject{}, err
		}
	}
	if of.Report["report.json"], err = os.ReadFile("site/model/report.json"); err != nil {
		return pages.Subject{}, err
	}
	return of, nil
}
