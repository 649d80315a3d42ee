package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"auditor/internal/command"
	"auditor/report"
)

// output is where a report goes, and in which form. It is opened before the
// audit, so that an audit is not done for a report that cannot be written.
type output struct {
	format  string
	path    string // "" is the standard output
	width   int    // of text
	stdout  io.Writer
	file    *os.File       // beside path, to be renamed
	history report.History // for charts
}

// formatsOfAudits explains the forms of a report.
const formatsOfAudits = "text, json, html (one page, with charts), csv (findings and evidence) or taler (one JSON file per area)"

// openOutput reads the flags --format and --output.
func openOutput(c *cli.Context) (*output, error) {
	o := &output{format: given(c, "format"), path: given(c, "output"), width: c.Int("width"), stdout: c.App.Writer}
	switch o.format {
	case "text", "json", "html", "csv":
	case "taler":
		if o.path == "" {
			return nil, command.Usagef(c, "the format taler is one file per area: name a folder with --output")
		}
	default:
		return nil, command.Usagef(c, "unknown format %q, choose text, json, html, csv or taler", o.format)
	}
	return o, o.open()
}

// open makes sure that the report can be written, before there is one.
func (o *output) open() (err error) {
	switch {
	case o.path == "":
	case o.format == "taler":
		err = os.MkdirAll(o.path, 0o777)
	default:
		o.file, err = os.CreateTemp(filepath.Dir(o.path), "."+filepath.Base(o.path)+".*")
	}
	if err != nil {
		return command.Exit{Status: command.StatusUsage, Err: err}
	}
	return nil
}

// write renders the report.
func (o *output) write(rep *report.Report) error {
	switch {
	case o.format == "taler":
		return o.writeAreas(rep)
	case o.file == nil:
		return o.render(o.stdout, rep)
	}
	if err := o.render(o.file, rep); err != nil {
		return err
	}
	return o.publish(o.file, o.path)
}

func (o *output) render(w io.Writer, rep *report.Report) error {
	switch o.format {
	case "json":
		return report.WriteJSON(w, rep)
	case "html":
		return report.WriteHTML(w, rep, o.history)
	case "csv":
		return report.WriteCSV(w, rep)
	}
	return report.WriteText(w, rep, report.TextOptions{Width: o.width, Color: colourful(w)})
}

// colourful tells whether w is a terminal whose user has not asked for plain text.
func colourful(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}

// writeAreas writes one file per area that the earlier form of reports knows.
func (o *output) writeAreas(rep *report.Report) error {
	for _, area := range report.TalerAreas(rep) {
		path := filepath.Join(o.path, area+".json")
		file, err := os.CreateTemp(o.path, "."+area+".*")
		if err != nil {
			return err
		}
		o.file = file
		if err := report.WriteTaler(rep, area, file); err != nil {
			return err
		}
		if err := o.publish(file, path); err != nil {
			return err
		}
	}
	return nil
}

// publish gives a complete file its name, with the rights that a new file has.
func (o *output) publish(file *os.File, path string) error {
	err := errors.Join(file.Chmod(0o644), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	o.file = nil
	return os.Rename(file.Name(), path)
}

// discard removes a file that was not completed.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
		_ = os.Remove(o.file.Name())
	}
}
