package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"auditor/internal/taler"
)

// Charts over time: one line per figure over the clocks of the reports, or per column over
// days. Here figures are placed on paper, so here alone amounts become floating-point numbers; what is
// written beside the lines is exact.

const (
	chartWidth, chartHeight         = 640.0, 220.0
	chartLeft, chartRight           = 84.0, 12.0
	chartTop, chartBottom           = 12.0, 28.0
	chartColors                     = 6 // lines that look different
	plotWidth, plotHeight   float64 = chartWidth - chartLeft - chartRight, chartHeight - chartTop - chartBottom
)

// chart is one drawing, in units of SVG.
type chart struct {
	Title  string
	Lines  []chartLine
	Across []chartTick // horizontal rules, with amounts
	Along  []chartTick // vertical ones, with dates
	Alt    string      // what it says, for those who do not see it
}

type chartLine struct {
	Name  string
	Last  string // the newest amount, as people write it
	Color int
	Path  string // of a polyline
	Dots  []chartDot
}

type chartDot struct {
	X, Y  string
	Label string
}

type chartTick struct {
	At     string
	Text   string
	Anchor string // of the text: start, middle or end, so that it stays on the paper
}

// stop is a place on the axis of time, and what is said of it: a report, or a day.
type stop struct {
	at   time.Time
	name string
}

// mark is a value on a line.
type mark struct {
	height float64
	text   string // the value, exactly
}

// series is what a line is drawn from.
type series struct {
	name  string
	marks []*mark // one per stop; nil where there is none
}

// stopsOf are the reports of the past.
func stopsOf(past History) []stop {
	stops := make([]stop, len(past))
	for i, p := range past {
		stops[i] = stop{p.AsOf, fmt.Sprintf("report %d, %s", p.Run, p.AsOf.UTC().Format(time.DateOnly))}
	}
	return stops
}

func markOf(a taler.Amount) *mark { return &mark{units(a), money(a)} }

// drawCharts draws what a report and those before it say.
func drawCharts(r *Report, past History) []chart {
	past = slices.DeleteFunc(slices.Clone(past), func(p Past) bool { return p.Run >= r.Run })
	past = append(past, pastOf(r))
	stops, over := stopsOf(past), plural(int64(len(past)), "report", "reports")
	var charts []chart
	for _, class := range []struct {
		class Class
		title string
	}{
		{Liability, "What the exchange owes"}, {Balance, "What the exchange has"}, {Income, "What the exchange earned so far"},
		{Obligation, "What the exchange should have done by now"}, {Damage, "What is missing"},
	} {
		var list []series
		for _, f := range r.Figures {
			if f.Class == class.class {
				list = append(list, series{f.Title, figuresOf(past, f.Area, f.Name)})
			}
		}
		if len(list) > 0 {
			charts = append(charts, drawChart(class.title, over, stops, list))
		}
	}
	return append(charts, drawChart("Open findings", over, stops, findingSeries(past)))
}

// figuresOf returns one figure of each report.
func figuresOf(past History, area, name string) []*mark {
	marks := make([]*mark, len(past))
	for i, p := range past {
		for j := range p.Figures {
			if f := &p.Figures[j]; f.Area == area && f.Name == name {
				marks[i] = markOf(f.Amount)
			}
		}
	}
	return marks
}

// findingSeries adds up what open findings cost. What cannot be added up is left out.
func findingSeries(past History) []series {
	var list []series
	for _, part := range []struct {
		name string
		of   func(Totals) taler.Amount
	}{{"certain loss", lossOf}, {"exposure", exposureOf}, {"undue gain", gainOf}} {
		marks := make([]*mark, len(past))
		for i, p := range past {
			var amounts []taler.Amount
			for _, c := range p.Checks {
				amounts = append(amounts, part.of(c.Open))
			}
			if len(amounts) == 0 {
				continue
			}
			if total, _, err := sum(amounts[0].Currency, amounts...); err == nil {
				marks[i] = markOf(total)
			}
		}
		list = append(list, series{part.name, marks})
	}
	return list
}

// drawChart draws lines over stops in time. Over says how many of what these are.
func drawChart(title, over string, stops []stop, list []series) chart {
	c := chart{Title: title}
	highest := 0.0
	for _, s := range list {
		for _, m := range s.marks {
			if m != nil {
				highest = max(highest, m.height)
			}
		}
	}
	top := roundUp(highest)
	x := timeScale(stops)
	y := func(v float64) float64 { return chartTop + plotHeight*(1-v/top) }
	const rules = 4
	for i := range rules + 1 {
		v := top * float64(i) / rules
		c.Across = append(c.Across, chartTick{place(y(v)), axisLabel(v), "end"})
	}
	c.Along = dates(stops, x)
	var alt []string
	for i, s := range list {
		line := chartLine{Name: Escape(s.name), Color: i % chartColors, Last: "not stated"}
		var points []string
		for j, m := range s.marks {
			if m == nil {
				continue
			}
			px, py := place(x(stops[j].at)), place(y(m.height))
			points = append(points, px+","+py)
			line.Last = m.text
			line.Dots = append(line.Dots, chartDot{px, py, fmt.Sprintf("%s, %s: %s", line.Name, stops[j].name, line.Last)})
		}
		line.Path = strings.Join(points, " ")
		alt = append(alt, line.Name+": "+line.Last)
		c.Lines = append(c.Lines, line)
	}
	c.Alt = fmt.Sprintf("%s, over %s. Newest: %s.", title, over, strings.Join(alt, "; "))
	return c
}

func units(a taler.Amount) float64 { return float64(a.Value) + float64(a.Fraction)/taler.FractionBase }

// roundUp returns the next number above v that is 1, 2 or 5 times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5, 10} {
		if v <= m*power {
			return m * power
		}
	}
	return 10 * power
}

// axisLabel writes a round number.
func axisLabel(v float64) string {
	if v >= 1000 && v < 1<<53 {
		return group(uint64(v))
	}
	return fmt.Sprintf("%.4g", v)
}

// timeScale returns where a clock lies from left to right.
func timeScale(stops []stop) func(time.Time) float64 {
	first, last := stops[0].at, stops[0].at
	for _, s := range stops {
		if s.at.Before(first) {
			first = s.at
		}
		if s.at.After(last) {
			last = s.at
		}
	}
	whole := last.Sub(first).Seconds()
	return func(t time.Time) float64 {
		if whole == 0 {
			return chartLeft + plotWidth/2
		}
		return chartLeft + plotWidth*t.Sub(first).Seconds()/whole
	}
}

// dates names the first and the last stop, and some between.
func dates(stops []stop, x func(time.Time) float64) []chartTick {
	const room = 90
	var ticks []chartTick
	end := math.Inf(-1)
	last := x(stops[len(stops)-1].at)
	for i, s := range stops {
		at := x(s.at)
		if i < len(stops)-1 && (at < end+room || last < at+room) {
			continue
		}
		anchor := "middle"
		if at > chartWidth-room/2 {
			anchor = "end"
		}
		ticks = append(ticks, chartTick{place(at), s.at.UTC().Format(time.DateOnly), anchor})
		end = at
	}
	return ticks
}

func place(v float64) string { return fmt.Sprintf("%.1f", v) }
