package report

import (
	"bytes"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Tables are drawn light: no frame, one rule below the headings, two spaces
// between columns. Widths are settled here, because the total must never
// exceed the page; the drawing is the library's.

const (
	columnGap      = "  "
	minTextColumn  = 13 // holds an indented escape sequence and the mark of a broken word
	minOtherColumn = 6
)

type column struct {
	title string
	right bool // numbers are aligned at the right
	text  bool // gives way first when the page is too narrow
}

// table is rows of escaped cells. Spaces at the beginning of a cell indent
// each of its lines.
type table struct {
	columns []column
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// lines draws the table within width columns of the terminal.
func (t *table) lines(width int) ([]string, error) {
	widths := t.widths(width)
	header := make([]string, len(t.columns))
	align := make(tw.Alignment, len(t.columns))
	for i, c := range t.columns {
		header[i] = fold(c.title, widths[i])
		align[i] = tw.AlignLeft
		if c.right {
			align[i] = tw.AlignRight
		}
	}
	var text bytes.Buffer
	drawing := tablewriter.NewTable(&text,
		tablewriter.WithRenderer(renderer.NewBlueprint(light())),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithPadding(tw.PaddingNone),
		tablewriter.WithAlignment(align),
		tablewriter.WithHeader(header),
	)
	for _, row := range t.rows {
		folded := make([]string, len(row))
		for i, cell := range row {
			folded[i] = fold(cell, widths[i])
		}
		if err := drawing.Append(folded); err != nil {
			return nil, err
		}
	}
	if err := drawing.Render(); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(text.String(), "\n"), "\n"), nil
}

func light() tw.Rendition {
	return tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbolCustom("light").WithRow("─").WithColumn(columnGap).WithCenter(columnGap),
		Settings: tw.Settings{
			Separators: tw.Separators{BetweenColumns: tw.On, BetweenRows: tw.Off, ShowHeader: tw.On},
			Lines:      tw.Lines{ShowHeaderLine: tw.On},
		},
	}
}

// widths gives each column what its widest cell needs. If that is too much,
// columns of text give way first, then the widest of the others.
func (t *table) widths(total int) []int {
	widths := make([]int, len(t.columns))
	room := total - (len(t.columns)-1)*cells(columnGap)
	for i, c := range t.columns {
		widths[i] = cells(c.title)
		for _, row := range t.rows {
			widths[i] = max(widths[i], cells(row[i]))
		}
		room -= widths[i]
	}
	for ; room < 0; room++ {
		i := t.widest(widths, true, minTextColumn)
		if i < 0 {
			i = t.widest(widths, false, minOtherColumn)
		}
		if i < 0 {
			break
		}
		widths[i]--
	}
	return widths
}

// widest finds the widest column of one sort that may still give way, or -1.
func (t *table) widest(widths []int, text bool, least int) int {
	found := -1
	for i, c := range t.columns {
		if c.text == text && widths[i] > least && (found < 0 || widths[i] > widths[found]) {
			found = i
		}
	}
	return found
}

// fold breaks a cell into lines.
func fold(cell string, width int) string {
	text := strings.TrimLeft(cell, " ")
	indent := cell[:len(cell)-len(text)]
	return indent + strings.Join(wrap(text, width-len(indent)), "\n"+indent)
}
