package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// feeSchedule holds the wire fees of each payment method, by start.
type feeSchedule map[string][]exchange.WireFee

// closingFee returns what a closing costs by a method at a time.
func (s feeSchedule) closingFee(method string, at taler.Timestamp) (taler.Amount, bool) {
	return s.single(method, at, func(f *exchange.WireFee) taler.Amount { return f.ClosingFee })
}

// wireFee returns what a transfer costs by a method at a time.
func (s feeSchedule) wireFee(method string, at taler.Timestamp) (taler.Amount, bool) {
	return s.single(method, at, func(f *exchange.WireFee) taler.Amount { return f.WireFee })
}

// single returns a fee of a method at a time. There must be exactly one answer:
// periods that overlap may differ only in what they cover.
func (s feeSchedule) single(method string, at taler.Timestamp, of func(*exchange.WireFee) taler.Amount) (taler.Amount, bool) {
	var fee taler.Amount
	found := false
	for i := range s[method] {
		f := &s[method][i]
		if at < f.Start || at >= f.End {
			continue
		}
		if found && of(f) != fee {
			return taler.Amount{}, false
		}
		fee, found = of(f), true
	}
	return fee, found
}

// highestWireFee returns the highest wire fee of a method, or of any if it is "", in a
// time; zero if there is none.
func (s feeSchedule) highestWireFee(method string, from, to taler.Timestamp, zero taler.Amount) taler.Amount {
	highest := zero
	for of, fees := range s {
		if method != "" && of != method {
			continue
		}
		for _, f := range fees {
			if f.Start <= to && f.End > from && f.WireFee.Cmp(highest) > 0 {
				highest = f.WireFee
			}
		}
	}
	return highest
}

// auditWireFees judges every wire fee: the master key's signature (K-09), its
// dates (K-15), and, per method, that periods neither overlap (K-10) nor leave
// gaps up to now (K-11).
func (a *keyAudit) auditWireFees(ctx context.Context) error {
	fees, err := readAll(ctx, a, exchange.WireFees)
	if err != nil {
		return err
	}
	a.keys.fees = make(feeSchedule)
	for i := range fees {
		f := &fees[i]
		about := row(exchange.WireFees.Table, f.Serial)
		evidence := []report.Evidence{withText("wire_method", f.Method), with("start_date", f.Start), with("end_date", f.End),
			with("wire_fee", f.WireFee), with("closing_fee", f.ClosingFee)}
		statement := taler.WireFee{Method: f.Method, Start: f.Start, End: f.End, WireFee: f.WireFee, ClosingFee: f.ClosingFee}
		if !taler.Verify(a.policy.MasterPub, statement, f.MasterSig) {
			err := a.find(ctx, finding("K-09", about, none, unverified(evidence, a.policy.MasterPub, statement, f.MasterSig),
				"the fees for %s from %v to %v are not signed by the master key", f.Method, f.Start, f.End))
			if err != nil {
				return err
			}
		}
		if f.Start >= f.End {
			err := a.find(ctx, finding("K-15", about, none, evidence, "the fees for %s end before they start", f.Method))
			if err != nil {
				return err
			}
		} else {
			a.keys.fees[f.Method] = append(a.keys.fees[f.Method], *f)
		}
		err := a.remember(ctx, exchange.WireFees.Table, f.Serial, f.End.Add(exchange.KeepWireFees), f.Method, uint64(f.Start), uint64(f.End), f.WireFee, f.ClosingFee, f.MasterSig)
		if err != nil {
			return err
		}
	}
	for _, method := range slices.Sorted(maps.Keys(a.keys.fees)) {
		if err := a.auditPeriods(ctx, method); err != nil {
			return err
		}
	}
	return nil
}

// auditPeriods makes the findings of K-10 and K-11 for one payment method.
func (a *keyAudit) auditPeriods(ctx context.Context, method string) error {
	fees := a.keys.fees[method]
	slices.SortFunc(fees, func(x, y exchange.WireFee) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.Serial, y.Serial))
	})
	covered := fees[0].End
	for _, f := range fees[1:] {
		var err error
		if f.Start < covered {
			err = a.find(ctx, finding("K-10", row(exchange.WireFees.Table, f.Serial), none,
				[]report.Evidence{withText("wire_method", method), with("start_date", f.Start), with("covered until", covered)},
				"the fees for %s from %v overlap a period that ends %v", method, f.Start, covered))
		} else if f.Start > covered {
			err = a.gap(ctx, method, covered, f.Start)
		}
		if err != nil {
			return err
		}
		covered = max(covered, f.End)
	}
	if covered <= a.now {
		return a.gap(ctx, method, covered, taler.Forever)
	}
	return nil
}

func (a *keyAudit) gap(ctx context.Context, method string, from, to taler.Timestamp) error {
	return a.find(ctx, finding("K-11", subject{table: exchange.WireFees.Table, key: method + " " + from.String()}, none,
		[]report.Evidence{withText("wire_method", method), with("from", from), with("to", to)},
		"no fees for %s are set from %v to %v", method, from, to))
}
