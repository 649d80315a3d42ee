package report

import (
	"encoding/json"

	"auditor/internal/taler"
)

// aggregationFields are the 18 fields of the area of aggregation.
type aggregationFields struct {
	WireOut         []aggregationTransfer `json:"wire_out_inconsistencies"`
	WireOutPlus     taler.Amount          `json:"total_wire_out_delta_plus"`
	WireOutMinus    taler.Amount          `json:"total_wire_out_delta_minus"`
	BadSignatures   []struct{}            `json:"bad_sig_losses"` // told in the area of coins
	BadSigLoss      taler.Amount          `json:"total_bad_sig_loss"`
	Rows            []talerRow            `json:"row_inconsistencies"`
	Coins           []aggregationCoin     `json:"coin_inconsistencies"`
	CoinsPlus       taler.Amount          `json:"total_coin_delta_plus"`
	CoinsMinus      taler.Amount          `json:"total_coin_delta_minus"`
	Arithmetic      []talerArithmetic     `json:"amount_arithmetic_inconsistencies"`
	ArithmeticPlus  taler.Amount          `json:"total_arithmetic_delta_plus"`
	ArithmeticMinus taler.Amount          `json:"total_arithmetic_delta_minus"`
	FeeIncome       taler.Amount          `json:"total_aggregation_fee_income"`
	StartWireOut    int64                 `json:"start_ppa_wire_out_serial_id"`
	EndWireOut      int64                 `json:"end_ppa_wire_out_serial_id"`
	Started         talerTime             `json:"auditor_start_time"`
	Finished        talerTime             `json:"auditor_end_time"`
	FeeTimes        []aggregationFeeTime  `json:"wire_fee_time_inconsistencies"`
}

type aggregationTransfer struct {
	Account  any          `json:"destination_account"` // the JSON of the row, or the text that is none
	Row      int64        `json:"rowid"`
	Expected taler.Amount `json:"expected"`
	Claimed  taler.Amount `json:"claimed"`
}

type aggregationCoin struct {
	Operation  string       `json:"operation"`
	Coin       string       `json:"coin_pub"`
	Exchange   taler.Amount `json:"exchange"`
	Auditor    taler.Amount `json:"auditor"`
	Profitable int          `json:"profitable"`
}

type aggregationFeeTime struct {
	Method     string    `json:"type"`
	Diagnostic string    `json:"diagnostic"`
	Time       talerTime `json:"time"`
}

const (
	aggregationArea = "aggregation"
	keysArea        = "keys"
)

// aggregationForm sorts the findings of the area into the lists, and those about wire
// fees, which the earlier auditor made here. What belongs into no list, or lacks a
// value that its list needs, is told as an inconsistency of its row. Deposits that
// were not paid in time are told in the area of wire.
func aggregationForm(r *Report) *aggregationFields {
	zero := taler.Zero(r.Exchange.Currency)
	o := &aggregationFields{
		WireOut:       []aggregationTransfer{},
		BadSignatures: []struct{}{},
		BadSigLoss:    zero,
		Rows:          []talerRow{},
		Coins:         []aggregationCoin{},
		CoinsPlus:     zero,
		Arithmetic:    []talerArithmetic{},
		FeeTimes:      []aggregationFeeTime{},
		FeeIncome:     figure(r, aggregationArea, "total_aggregation_fee_income"),
		Started:       talerTimeOf(r.Started),
		Finished:      talerTimeOf(r.Finished),
	}
	enlist(r, []string{aggregationArea, keysArea}, aggregationTells, &o.Rows, o.add)
	t := talerTotals{r, &o.Rows}
	o.WireOutPlus = t.sum("total_wire_out_delta_plus", lossOf, "A-27")
	o.WireOutMinus = t.sum("total_wire_out_delta_minus", gainOf, "A-27")
	o.CoinsMinus = t.sum("total_coin_delta_minus", lossOf, "A-29")
	o.ArithmeticPlus = t.sum("total_arithmetic_delta_plus", gainOf, "A-26")
	o.ArithmeticMinus = t.sum("total_arithmetic_delta_minus", lossOf, "A-26")
	o.StartWireOut, o.EndWireOut = progress(r, aggregationArea, "wire_out")
	return o
}

// aggregationTells tells whether the form of the area tells of a check.
func aggregationTells(area, check string) bool {
	switch area {
	case aggregationArea:
		return check != "W-17"
	case keysArea:
		return check == "K-09" || check == "K-10"
	}
	return false
}

// add puts f into its list and tells whether it could.
func (o *aggregationFields) add(f *Finding) bool {
	e := evidence{finding: f}
	switch f.Check {
	case "A-01", "A-02":
		o.Rows = append(o.Rows, talerRow{"wire_out", row(f), f.Summary})
	case "A-03", "A-20":
		o.Rows = append(o.Rows, talerRow{"aggregation", row(f), f.Summary})
	case "A-04", "A-07":
		o.Rows = append(o.Rows, talerRow{"deposits", row(f), f.Summary})
	case "A-22":
		if at, _ := e.time("execution_date"); !e.broken {
			o.Rows = append(o.Rows, talerRow{"wire-fee", at.UnixMicro(), f.Summary})
		}
	case "K-09":
		if start, _ := e.time("start_date"); !e.broken {
			o.Rows = append(o.Rows, talerRow{"wire-fee", start.UnixMicro(), "wire fee signature invalid at given time"})
		}
	case "K-10":
		if _, start := e.time("start_date"); !e.broken {
			o.FeeTimes = append(o.FeeTimes, aggregationFeeTime{f.Lookup("wire_method"), f.Summary, start})
		}
	case "A-14":
		if a := e.arithmetic("aggregation (fee structure)", row(f), 1); !e.broken {
			o.Arithmetic = append(o.Arithmetic, a)
		}
	case "A-26":
		a := talerArithmetic{Operation: "wire out (fee structure)", Row: row(f), Exchange: e.amount("total"), Auditor: e.amount("wire fee"), Profitable: -1}
		if !e.broken {
			o.Arithmetic = append(o.Arithmetic, a)
		}
	case "A-27":
		if t := (aggregationTransfer{account(f.Lookup("wire_target")), row(f), e.amount("expected"), e.amount("found")}); !e.broken {
			o.WireOut = append(o.WireOut, t)
		}
	case "A-29":
		c := aggregationCoin{"refund (merchant)", first(f, "coin_pub"), e.amount("expected"), e.amount("found"), -1}
		if !e.broken {
			o.Coins = append(o.Coins, c)
		}
	default:
		return false
	}
	return !e.broken
}

// account is an account as readers expect it: the object that it is stored as.
func account(text string) any {
	if object := map[string]any{}; json.Unmarshal([]byte(text), &object) == nil {
		return object
	}
	return text
}
