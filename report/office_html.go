package report

import (
	_ "embed" // for the page
	"fmt"
	"io"
	"time"
)

//go:embed office.html.tmpl
var officePageText string

// WriteOfficeHTML writes r as one HTML page with charts, in the manner of [WriteHTML].
func WriteOfficeHTML(w io.Writer, r *OfficeReport) error {
	page, err := pageTemplate(officePageText)
	if err != nil {
		return err
	}
	data := officePage{OfficeReport: r, Title: r.title(), Period: sentenceOf(r.period())}
	for i := range r.Sections {
		data.Parts = append(data.Parts, partOf(&r.Sections[i]))
	}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write the report to the office %s as HTML: %w", r.Office, err)
	}
	return nil
}

type officePage struct {
	*OfficeReport
	Title, Period string
	Parts         []officePart
}

type officePart struct {
	*OfficeSection
	Charts []chart
	Shown  [][]officeCell
}

type officeCell struct {
	Text   string
	Number bool
}

func partOf(s *OfficeSection) officePart {
	part := officePart{OfficeSection: s, Charts: s.charts()}
	for _, row := range s.Rows {
		cells := make([]officeCell, len(row))
		for i, v := range row {
			kind := s.Columns[i].Kind
			cells[i] = officeCell{kind.show(v), !kind.Label()}
		}
		part.Shown = append(part.Shown, cells)
	}
	return part
}

// charts draws the columns of numbers of a section of days, those of each kind together.
func (s *OfficeSection) charts() []chart {
	if len(s.Rows) < 2 || len(s.Columns) == 0 || s.Columns[0].Kind != KindDay {
		return nil
	}
	stops := make([]stop, len(s.Rows))
	for i, row := range s.Rows {
		day, err := time.Parse(time.DateOnly, fmt.Sprint(row[0]))
		if err != nil {
			return nil
		}
		stops[i] = stop{day, day.Format(time.DateOnly)}
	}
	var charts []chart
	for _, of := range []struct {
		kind  OfficeKind
		title string
	}{{KindCount, "numbers"}, {KindAmount, "amounts"}, {KindSeconds, "seconds"}, {KindNanoseconds, "nanoseconds"}, {KindRate, "per second"}} {
		var list []series
		for j, c := range s.Columns {
			if c.Kind != of.kind {
				continue
			}
			marks := make([]*mark, len(s.Rows))
			for i, row := range s.Rows {
				if v, ok := c.Kind.number(row[j]); ok {
					marks[i] = &mark{max(0, v), c.Kind.show(row[j])}
				}
			}
			list = append(list, series{c.Title(), marks})
		}
		if len(list) > 0 {
			charts = append(charts, drawChart(s.Title+": "+of.title, plural(int64(len(stops)), "day", "days"), stops, list))
		}
	}
	return charts
}
