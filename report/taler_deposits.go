package report

import (
	"cmp"

	"auditor/internal/taler"
)

// depositsFields are the 5 fields of the area of deposit confirmations.
type depositsFields struct {
	Inconsistencies []depositInconsistency `json:"deposit_confirmation_inconsistencies"`
	MissingCount    int64                  `json:"missing_deposit_confirmation_count"`
	MissingTotal    taler.Amount           `json:"missing_deposit_confirmation_total"`
	Started         talerTime              `json:"auditor_start_time"`
	Finished        talerTime              `json:"auditor_end_time"`
}

// depositInconsistency is a confirmation that the exchange does not stand by. The
// amount is what the merchant lacks.
type depositInconsistency struct {
	Timestamp talerTime    `json:"timestamp"`
	Amount    taler.Amount `json:"amount"`
	Row       int64        `json:"rowid"`
	Account   string       `json:"account"`
}

const depositsArea = "deposits"

// depositsForm lists all findings of the area, as the form has one list only. Those
// that the report does not list are in the figures.
func depositsForm(r *Report) *depositsFields {
	o := &depositsFields{
		Inconsistencies: []depositInconsistency{},
		Started:         talerTimeOf(r.Started),
		Finished:        talerTimeOf(r.Finished),
	}
	zero := taler.Zero(r.Exchange.Currency)
	for _, f := range madeInRun(r, depositsArea) {
		e := evidence{finding: f}
		_, timestamp := e.time("exchange_timestamp")
		if e.broken {
			timestamp = talerTimeOf(r.AsOf)
		}
		o.Inconsistencies = append(o.Inconsistencies, depositInconsistency{timestamp, *cmp.Or(f.Loss, f.Exposure, &zero), row(f), f.Lookup("h_wire")})
	}
	var amounts []taler.Amount
	for _, c := range r.Checks {
		if c.Area == depositsArea {
			o.MissingCount += c.Run.Count
			amounts = append(amounts, c.Run.Loss, c.Run.Exposure)
		}
	}
	// The form has no place to say that a total cannot be shown.
	total, _, err := sum(r.Exchange.Currency, amounts...)
	if err != nil {
		total = zero
	}
	o.MissingTotal = total
	return o
}
