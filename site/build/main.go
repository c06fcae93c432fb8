// Command build makes the parts of all pages in site/parts/, and of them the page
// about the shipped model: site/dist/ then works on any static host.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"lendleaf/site/pages"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run runs in the project's root.
func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	out := flags.String("out", "site/dist", "the `folder` to write the page into; the page that is there is removed")
	partsFolder := flags.String("parts", "site/parts", "the `folder` to write into what all pages have in common")
	space := flags.Bool("space", false, "write what a static Hugging Face Space wants: its README, and no .br files")
	verify := flags.String("verify", "", "write nothing, and compare with the page in this `folder`, or at this http address")
	address := flags.String("address", "", "the page's http `address`, with a slash at its end: sites that show links to it want their picture's as a whole")
	if err := flags.Parse(args); err != nil {
		return err
	}
	parts, page, err := build(*address)
	if err != nil {
		return err
	}
	if *verify != "" {
		return compare(page, *verify, stdout)
	}
	if *space {
		if err := addSpace(page, "site/space.md"); err != nil {
			return err
		}
	}
	if err := parts.Write(*partsFolder); err != nil {
		return err
	}
	return page.Write(*out)
}

// build makes the parts and the page, packed by brotli. The address may be empty.
func build(address string) (*pages.Parts, pages.Page, error) {
	parts, err := parts()
	if err != nil {
		return nil, nil, err
	}
	of, err := shipped(address)
	if err != nil {
		return nil, nil, err
	}
	page, err := parts.Page(of)
	if err != nil {
		return nil, nil, err
	}
	if err := packAll(page); err != nil {
		return nil, nil, err
	}
	return parts, page, nil
}

// addSpace makes the page a Space, whose host takes files as they are.
func addSpace(page pages.Page, readme string) error {
	for name, f := range page {
		page[name] = &pages.File{Content: f.Content, Plain: f.Plain}
	}
	content, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	page["README.md"] = pages.NewFile("README.md", content)
	return nil
}
