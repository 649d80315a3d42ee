package catalogue

import "auditor/internal/taler"

// money makes an amount of its text, such as "2.5".
func (d *deed) money(text string) taler.Amount {
	a, err := taler.ParseAmount(string(d.Play.Currency()) + ":" + text)
	if err != nil {
		d.fail(err)
	}
	return a
}

// plus adds amounts.
func (d *deed) plus(a taler.Amount, more ...taler.Amount) taler.Amount {
	for _, b := range more {
		sum, err := a.Add(b)
		if err != nil {
			d.fail(err)
			return a
		}
		a = sum
	}
	return a
}

// minus subtracts amounts.
func (d *deed) minus(a taler.Amount, less ...taler.Amount) taler.Amount {
	for _, b := range less {
		rest, err := a.Sub(b)
		if err != nil {
			d.fail(err)
			return a
		}
		a = rest
	}
	return a
}

// steps is an amount in steps of 10^-8, for sums that may be negative.
func steps(a taler.Amount) int64 { return int64(a.Value)*taler.FractionBase + int64(a.Fraction) }

// ofSteps is the reverse of steps, for a sum that is not negative.
func (d *deed) ofSteps(n int64) taler.Amount {
	return taler.Amount{Currency: d.Play.Currency(), Value: uint64(n / taler.FractionBase), Fraction: uint32(n % taler.FractionBase)}
}
