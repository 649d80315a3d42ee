package report

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"auditor/internal/taler"
)

// anyReport draws a report that satisfies the schema, with any text in it.
func anyReport(t *rapid.T, text *rapid.Generator[string]) *Report {
	var (
		area     = rapid.SampledFrom([]string{"reserves", "coins", "wire"})
		count    = rapid.Int64Min(0)
		id       = rapid.StringMatching(`[A-Z]-[0-9]{2}`)
		identity = rapid.StringMatching(`[0-9a-f]{8,64}`)
		amount   = rapid.Custom(func(t *rapid.T) taler.Amount {
			return taler.Amount{
				Currency: "EUR",
				Value:    rapid.Uint64Range(0, taler.MaxAmountValue).Draw(t, "value"),
				Fraction: rapid.Uint32Range(0, taler.FractionBase-1).Draw(t, "fraction"),
			}
		})
		moment = rapid.Custom(func(t *rapid.T) time.Time {
			return time.UnixMicro(rapid.Int64Range(0, 2e15).Draw(t, "time")).UTC()
		})
		totals = rapid.Custom(func(t *rapid.T) Totals {
			return Totals{rapid.Int64Range(0, 1e12).Draw(t, "count"), amount.Draw(t, "loss"), amount.Draw(t, "exposure"), amount.Draw(t, "gain")}
		})
		evidence = rapid.Custom(func(t *rapid.T) Evidence { return Evidence{text.Draw(t, "name"), text.Draw(t, "value")} })
	)
	r := emptyReport()
	r.Run = rapid.Int64Min(1).Draw(t, "run")
	r.Exchange.BaseURL = text.Draw(t, "url")
	r.Program.Version = text.Draw(t, "version")
	if rapid.Bool().Draw(t, "continues") {
		r.Previous = &Previous{r.Run, moment.Draw(t, "previous"), rapid.SampledFrom([]string{"", strings.Repeat("0f", 32)}).Draw(t, "digest")}
	}
	if rapid.Bool().Draw(t, "is a copy") {
		r.Checkpoint = &Checkpoint{Tables: []CopiedTable{{text.Draw(t, "table"), 7, strings.Repeat("A", 43) + "="}}}
	}
	r.Population = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Population {
		return Population{
			area.Draw(t, "area"), text.Draw(t, "table"), rapid.Int64().Draw(t, "from"), rapid.Int64().Draw(t, "next"),
			count.Draw(t, "rows"), count.Draw(t, "late"), count.Draw(t, "holes"), count.Draw(t, "total"),
		}
	}), 0, 3).Draw(t, "population")
	r.Figures = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Figure {
		return Figure{
			area.Draw(t, "area"), "name", text.Draw(t, "title"), amount.Draw(t, "amount"), rapid.Ptr(amount, true).Draw(t, "previous"),
			rapid.SampledFrom([]Provenance{AppendOnly, Mutable, Bank}).Draw(t, "provenance"),
			rapid.SampledFrom([]Class{"", Liability, Balance, Income, Obligation, Damage, Turnover}).Draw(t, "class"),
			rapid.SampledFrom([][]Component{nil, {{"reserves_in", text.Draw(t, "what"), false}, {"reserves_out", "", true}}}).Draw(t, "made of"),
		}
	}), 0, 3).Draw(t, "figures")
	r.Checks = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Check {
		return Check{
			id.Draw(t, "id"), area.Draw(t, "area"), text.Draw(t, "title"), totals.Draw(t, "run"), totals.Draw(t, "open"),
			rapid.IntRange(0, 1000).Draw(t, "listed"), rapid.Int64Range(0, 9).Draw(t, "acknowledged"),
		}
	}), 0, 3).Draw(t, "checks")
	r.Findings = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Finding {
		f := Finding{
			Identity: identity.Draw(t, "identity"), Check: id.Draw(t, "check"), Area: area.Draw(t, "area"),
			Kind:     rapid.SampledFrom([]Kind{OfRow, OfState}).Draw(t, "kind"),
			Severity: rapid.SampledFrom(Severities()).Draw(t, "severity"),
			Status:   rapid.SampledFrom([]Status{New, Persisting, Resolved}).Draw(t, "status"),
			FirstRun: 1, First: moment.Draw(t, "first"), Since: 1, Last: rapid.Int64Range(0, 9).Draw(t, "last"),
			Table: text.Draw(t, "table"), Serial: rapid.Ptr(rapid.Int64(), true).Draw(t, "serial"), Subject: text.Draw(t, "subject"),
			Amounts: Amounts{rapid.Ptr(amount, true).Draw(t, "loss"), rapid.Ptr(amount, true).Draw(t, "exposure"), rapid.Ptr(amount, true).Draw(t, "gain")},
			Summary: text.Draw(t, "summary"),
		}
		if list := rapid.SliceOfN(evidence, 0, 3).Draw(t, "evidence"); len(list) > 0 {
			f.Evidence = list
		}
		if rapid.Bool().Draw(t, "is acknowledged") {
			f.Acknowledged = &Acknowledgement{text.Draw(t, "by"), text.Draw(t, "reason"), moment.Draw(t, "at"), rapid.Bool().Draw(t, "lapsed")}
		}
		return f
	}), 0, 4).Draw(t, "findings")
	r.Alerts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Alert {
		return Alert{
			Identity: text.Draw(t, "identity"), Kind: rapid.StringMatching(`[a-z][a-z-]{0,20}`).Draw(t, "kind"), Table: text.Draw(t, "table"),
			Serial: rapid.Ptr(rapid.Int64(), true).Draw(t, "serial"), Columns: rapid.SliceOfN(text, 1, 3).Draw(t, "columns"),
			Ours: text.Draw(t, "ours"), Theirs: text.Draw(t, "theirs"), Summary: text.Draw(t, "summary"),
			First: moment.Draw(t, "first"), Last: moment.Draw(t, "last"), Count: rapid.Int64Min(1).Draw(t, "count"),
		}
	}), 0, 2).Draw(t, "alerts")
	r.Unchecked = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Unchecked {
		return Unchecked{area.Draw(t, "area"), text.Draw(t, "what"), text.Draw(t, "why"), rapid.Bool().Draw(t, "failed")}
	}), 0, 2).Draw(t, "unchecked")
	return r
}
