package report

import (
	"cmp"

	"auditor/internal/taler"
)

// reservesFields are the 27 fields of the area of reserves.
type reservesFields struct {
	Insufficient       []reserveInsufficient `json:"reserve_balance_insufficient_inconsistencies"`
	InsufficientLoss   taler.Amount          `json:"total_loss_balance_insufficient"`
	WrongSummaries     []reserveSummary      `json:"reserve_balance_summary_wrong_inconsistencies"`
	WrongSummariesPlus taler.Amount          `json:"total_balance_summary_delta_plus"`
	WrongSummariesLess taler.Amount          `json:"total_balance_summary_delta_minus"`
	Escrow             taler.Amount          `json:"total_escrow_balance"`
	FeeIncome          taler.Amount          `json:"total_withdraw_fee_income"`
	NotClosed          []reserveNotClosed    `json:"reserve_not_closed_inconsistencies"`
	NotClosedBalance   taler.Amount          `json:"total_balance_reserve_not_closed"`
	BadSignatures      []reserveBadSignature `json:"bad_sig_losses"`
	BadSignaturesLoss  taler.Amount          `json:"total_bad_sig_loss"`
	Rows               []talerRow            `json:"row_inconsistencies"`
	Validity           []reserveValidity     `json:"denomination_key_validity_withdraw_inconsistencies"`
	Arithmetic         []talerArithmetic     `json:"amount_arithmetic_inconsistencies"`
	ArithmeticPlus     taler.Amount          `json:"total_arithmetic_delta_plus"`
	ArithmeticMinus    taler.Amount          `json:"total_arithmetic_delta_minus"`
	Started            talerTime             `json:"auditor_start_time"`
	Finished           talerTime             `json:"auditor_end_time"`
	IrregularRecoups   taler.Amount          `json:"total_irregular_recoups"`
	StartIn            int64                 `json:"start_ppr_reserve_in_serial_id"`
	StartOut           int64                 `json:"start_ppr_reserve_out_serial_id"`
	StartRecoup        int64                 `json:"start_ppr_reserve_recoup_serial_id"`
	StartClose         int64                 `json:"start_ppr_reserve_close_serial_id"`
	EndIn              int64                 `json:"end_ppr_reserve_in_serial_id"`
	EndOut             int64                 `json:"end_ppr_reserve_out_serial_id"`
	EndRecoup          int64                 `json:"end_ppr_reserve_recoup_serial_id"`
	EndClose           int64                 `json:"end_ppr_reserve_close_serial_id"`
}

type reserveInsufficient struct {
	Reserve string        `json:"reserve_pub"`
	Loss    *taler.Amount `json:"loss,omitempty"`
	Gain    *taler.Amount `json:"gain,omitempty"`
}

type reserveSummary struct {
	Reserve  string       `json:"reserve_pub"`
	Exchange taler.Amount `json:"exchange"`
	Auditor  taler.Amount `json:"auditor"`
}

type reserveNotClosed struct {
	Reserve    string       `json:"reserve_pub"`
	Balance    taler.Amount `json:"balance"`
	Expiration talerTime    `json:"expiration_time"`
	Diagnostic string       `json:"diagnostic,omitempty"`
}

type reserveBadSignature struct {
	Operation string       `json:"operation"`
	Row       int64        `json:"row"`
	Loss      taler.Amount `json:"loss"`
	Key       string       `json:"key_pub"`
}

type reserveValidity struct {
	Row          int64     `json:"row"`
	Execution    talerTime `json:"execution_date"`
	Reserve      string    `json:"reserve_pub"`
	Denomination string    `json:"denompub_h"`
}

const reservesArea = "reserves"

// reservesForm sorts the findings of the area into the lists. What belongs
// into no list, or lacks a value that its list needs, is told as an
// inconsistency of its row.
func reservesForm(r *Report) *reservesFields {
	o := &reservesFields{
		Insufficient:   []reserveInsufficient{},
		WrongSummaries: []reserveSummary{},
		NotClosed:      []reserveNotClosed{},
		BadSignatures:  []reserveBadSignature{},
		Rows:           []talerRow{},
		Validity:       []reserveValidity{},
		Arithmetic:     []talerArithmetic{},
		Escrow:         figure(r, reservesArea, "total_escrow_balance"),
		FeeIncome:      figure(r, reservesArea, "total_withdraw_fee_income"),
		Started:        talerTimeOf(r.Started),
		Finished:       talerTimeOf(r.Finished),
	}
	enlist(r, []string{reservesArea}, only(reservesArea), &o.Rows, func(f *Finding) bool {
		return o.add(f, taler.Zero(r.Exchange.Currency))
	})
	o.addTotals(r)
	o.StartIn, o.EndIn = progress(r, reservesArea, "reserves_in")
	o.StartOut, o.EndOut = progress(r, reservesArea, "reserves_out")
	o.StartRecoup, o.EndRecoup = progress(r, reservesArea, "recoup")
	o.StartClose, o.EndClose = progress(r, reservesArea, "reserves_close")
	return o
}

func (o *reservesFields) addTotals(r *Report) {
	t := talerTotals{r, &o.Rows}
	o.InsufficientLoss = t.sum("total_loss_balance_insufficient", lossOf, "R-13")
	o.WrongSummariesPlus = t.sum("total_balance_summary_delta_plus", gainOf, "R-15")
	o.WrongSummariesLess = t.sum("total_balance_summary_delta_minus", exposureOf, "R-15")
	o.NotClosedBalance = t.sum("total_balance_reserve_not_closed", exposureOf, "R-16", "R-17")
	o.BadSignaturesLoss = t.sum("total_bad_sig_loss", lossOf, "R-04", "R-06", "R-08")
	o.ArithmeticPlus = t.sum("total_arithmetic_delta_plus", gainOf, "R-09")
	o.ArithmeticMinus = t.sum("total_arithmetic_delta_minus", lossOf, "R-09")
	o.IrregularRecoups = t.sum("total_irregular_recoups", exposureOf, "R-07")
}

// add puts f into its list and tells whether it could.
func (o *reservesFields) add(f *Finding, zero taler.Amount) bool {
	e := evidence{finding: f}
	reserve := first(f, "reserve_pub")
	switch f.Check {
	case "R-02", "R-05":
		o.Rows = append(o.Rows, talerRow{"withdraw", row(f), f.Summary})
	case "R-07":
		o.Rows = append(o.Rows, talerRow{"recoup", row(f), f.Summary})
	case "R-10":
		o.Rows = append(o.Rows, talerRow{"closing-fee", feeTime(f), f.Summary})
	case "R-11", "R-12":
		o.Rows = append(o.Rows, talerRow{"reserves_close", row(f), f.Summary})
	case "R-03":
		_, execution := e.time("execution_date")
		if !e.broken {
			o.Validity = append(o.Validity, reserveValidity{row(f), execution, reserve, f.Lookup("denom_pub_hash")})
		}
	case "R-04":
		o.addBadSignature("withdraw", f, zero, "key_pub", "reserve_pub")
	case "R-06":
		o.addBadSignature("recoup", f, zero, "key_pub")
	case "R-08":
		o.addBadSignature("recoup-master", f, zero, "key_pub")
	case "R-09":
		if a := e.arithmetic("closing aggregation fee", row(f), 1); !e.broken {
			o.Arithmetic = append(o.Arithmetic, a)
		}
	case "R-13":
		o.Insufficient = append(o.Insufficient, reserveInsufficient{Reserve: reserve, Loss: cmp.Or(f.Loss, &zero)})
	case "R-14":
		o.Insufficient = append(o.Insufficient, reserveInsufficient{Reserve: reserve, Gain: cmp.Or(f.Gain, &zero)})
	case "R-15":
		if s := (reserveSummary{reserve, e.amount("found"), e.amount("expected")}); !e.broken {
			o.WrongSummaries = append(o.WrongSummaries, s)
		}
	case "R-16", "R-17":
		_, expiration := e.time("expiration")
		n := reserveNotClosed{Reserve: reserve, Balance: e.amount("balance"), Expiration: expiration}
		if f.Check == "R-17" {
			n.Diagnostic = f.Summary
		}
		if !e.broken {
			o.NotClosed = append(o.NotClosed, n)
		}
	case "R-18":
		if a := e.arithmetic("global escrow balance", noRow, 0); !e.broken {
			o.Arithmetic = append(o.Arithmetic, a)
		}
	default:
		return false
	}
	return !e.broken
}

// addBadSignature names the key that did not sign: of a reserve, of a coin or
// of the exchange. It is in the evidence under one of the names.
func (o *reservesFields) addBadSignature(operation string, f *Finding, zero taler.Amount, names ...string) {
	o.BadSignatures = append(o.BadSignatures, reserveBadSignature{operation, row(f), *cmp.Or(f.Loss, &zero), first(f, names...)})
}

// feeTime is what stands in place of a row where the fee of a time is missing:
// that time in microseconds.
func feeTime(f *Finding) int64 {
	for _, name := range []string{"execution_date", "expiration"} {
		e := evidence{finding: f}
		if t, _ := e.time(name); !e.broken {
			return t.UnixMicro()
		}
	}
	return row(f)
}
