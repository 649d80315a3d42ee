package report

import (
	"cmp"

	"auditor/internal/taler"
)

// coinsFields are the 36 fields of the area of coins.
type coinsFields struct {
	Escrow             taler.Amount           `json:"total_escrow_balance"`
	Risk               taler.Amount           `json:"total_active_risk"`
	DepositFees        taler.Amount           `json:"total_deposit_fee_income"`
	MeltFees           taler.Amount           `json:"total_melt_fee_income"`
	RefundFees         taler.Amount           `json:"total_refund_fee_income"`
	Emergencies        []coinEmergency        `json:"emergencies"`
	EmergenciesRisk    taler.Amount           `json:"emergencies_risk_by_amount"`
	BadSignatures      []coinBadSignature     `json:"bad_sig_losses"`
	BadSignaturesLoss  taler.Amount           `json:"total_bad_sig_loss"`
	Rows               []talerRow             `json:"row_inconsistencies"`
	Arithmetic         []talerArithmetic      `json:"amount_arithmetic_inconsistencies"`
	ArithmeticPlus     taler.Amount           `json:"total_arithmetic_delta_plus"`
	ArithmeticMinus    taler.Amount           `json:"total_arithmetic_delta_minus"`
	HangingTotal       taler.Amount           `json:"total_refresh_hanging"`
	Hanging            []coinHanging          `json:"refresh_hanging"`
	RecoupLoss         taler.Amount           `json:"total_recoup_loss"`
	ByCount            []coinEmergencyByCount `json:"emergencies_by_count"`
	ByCountRisk        taler.Amount           `json:"emergencies_risk_by_count"`
	EmergenciesLoss    taler.Amount           `json:"emergencies_loss"`
	ByCountLoss        taler.Amount           `json:"emergencies_loss_by_count"`
	StartWithdraw      int64                  `json:"start_ppc_withdraw_serial_id"`
	StartDeposit       int64                  `json:"start_ppc_deposit_serial_id"`
	StartMelt          int64                  `json:"start_ppc_melt_serial_id"`
	StartRefund        int64                  `json:"start_ppc_refund_serial_id"`
	StartRecoup        int64                  `json:"start_ppc_recoup_serial_id"`
	StartRecoupRefresh int64                  `json:"start_ppc_recoup_refresh_serial_id"`
	EndWithdraw        int64                  `json:"end_ppc_withdraw_serial_id"`
	EndDeposit         int64                  `json:"end_ppc_deposit_serial_id"`
	EndMelt            int64                  `json:"end_ppc_melt_serial_id"`
	EndRefund          int64                  `json:"end_ppc_refund_serial_id"`
	EndRecoup          int64                  `json:"end_ppc_recoup_serial_id"`
	EndRecoupRefresh   int64                  `json:"end_ppc_recoup_refresh_serial_id"`
	Started            talerTime              `json:"auditor_start_time"`
	Finished           talerTime              `json:"auditor_end_time"`
	IrregularRecoups   taler.Amount           `json:"total_irregular_recoups"`
	Unsigned           []coinUnsigned         `json:"unsigned_denominations"`
}

type coinEmergency struct {
	Denomination string       `json:"denompub_hash"`
	Risk         taler.Amount `json:"denom_risk"`
	Loss         taler.Amount `json:"denom_loss"`
	Start        talerTime    `json:"start"`
	End          talerTime    `json:"deposit_end"`
	Value        taler.Amount `json:"value"`
}

type coinEmergencyByCount struct {
	Denomination string       `json:"denompub_hash"`
	Issued       int64        `json:"num_issued"`
	Known        int64        `json:"num_known"`
	Risk         taler.Amount `json:"denom_risk"`
	Start        talerTime    `json:"start"`
	End          talerTime    `json:"deposit_end"`
	Value        taler.Amount `json:"value"`
}

type coinBadSignature struct {
	Operation string       `json:"operation"`
	Row       int64        `json:"row"`
	Loss      taler.Amount `json:"loss"`
	Coin      string       `json:"coin_pub"`
	Hint      string       `json:"hint,omitempty"`
}

type coinHanging struct {
	Row    int64        `json:"row"`
	Amount taler.Amount `json:"amount"`
	Coin   string       `json:"coin_pub"`
}

type coinUnsigned struct {
	Denomination string       `json:"denomination"`
	Value        taler.Amount `json:"value"`
	Start        talerTime    `json:"start_time"`
	End          talerTime    `json:"end_time"`
}

const coinsArea = "coins"

// coinsForm sorts the findings of the area into the lists, and those of keys that
// the earlier auditor told of here. What belongs into no list, or lacks a value
// that its list needs, is told as an inconsistency of its row.
func coinsForm(r *Report) *coinsFields {
	o := &coinsFields{
		Emergencies:   []coinEmergency{},
		BadSignatures: []coinBadSignature{},
		Rows:          []talerRow{},
		Arithmetic:    []talerArithmetic{},
		Hanging:       []coinHanging{},
		ByCount:       []coinEmergencyByCount{},
		Unsigned:      []coinUnsigned{},
		Escrow:        figure(r, coinsArea, "total_escrow_balance"),
		Risk:          figure(r, coinsArea, "total_issued_value"),
		DepositFees:   figure(r, coinsArea, "total_deposit_fee_income"),
		MeltFees:      figure(r, coinsArea, "total_melt_fee_income"),
		RefundFees:    figure(r, coinsArea, "total_refund_fee_income"),
		RecoupLoss:    figure(r, coinsArea, "total_recoup_loss"),
		Started:       talerTimeOf(r.Started),
		Finished:      talerTimeOf(r.Finished),
	}
	enlist(r, []string{coinsArea}, only(coinsArea), &o.Rows, func(f *Finding) bool {
		return o.add(f, taler.Zero(r.Exchange.Currency))
	})
	for _, f := range madeInRun(r, keysArea) {
		o.addKey(f)
	}
	o.addTotals(r)
	o.StartWithdraw, o.EndWithdraw = progress(r, coinsArea, "reserves_out")
	o.StartDeposit, o.EndDeposit = progress(r, coinsArea, "deposits")
	o.StartMelt, o.EndMelt = progress(r, coinsArea, "refresh_commitments")
	o.StartRefund, o.EndRefund = progress(r, coinsArea, "refunds")
	o.StartRecoup, o.EndRecoup = progress(r, coinsArea, "recoup")
	o.StartRecoupRefresh, o.EndRecoupRefresh = progress(r, coinsArea, "recoup_refresh")
	return o
}

func (o *coinsFields) addTotals(r *Report) {
	t := talerTotals{r, &o.Rows}
	o.BadSignaturesLoss = t.add("total_bad_sig_loss",
		t.sum("total_bad_sig_loss", lossOf, "C-05", "C-10", "C-12", "C-15", "C-24", "C-25"), t.sum("total_bad_sig_loss", exposureOf, "C-13"))
	o.ArithmeticPlus = t.sum("total_arithmetic_delta_plus", gainOf, "C-38")
	o.ArithmeticMinus = t.sum("total_arithmetic_delta_minus", lossOf, "C-11", "C-18", "C-19")
	o.HangingTotal = t.sum("total_refresh_hanging", exposureOf, "C-16")
	o.IrregularRecoups = t.sum("total_irregular_recoups", exposureOf, "C-13")
	o.EmergenciesLoss = figure(r, coinsArea, "total_overdraft")
	o.ByCountLoss = t.sum("emergencies_loss_by_count", lossOf, "C-28")
	var byAmount, byCount []taler.Amount
	for _, e := range o.Emergencies {
		byAmount = append(byAmount, e.Risk)
	}
	for _, e := range o.ByCount {
		byCount = append(byCount, e.Risk)
	}
	o.EmergenciesRisk = t.add("emergencies_risk_by_amount", byAmount...)
	o.ByCountRisk = t.add("emergencies_risk_by_count", byCount...)
}

// add puts f into its list and tells whether it could.
func (o *coinsFields) add(f *Finding, zero taler.Amount) bool {
	e := evidence{finding: f}
	switch f.Check {
	case "C-04":
		o.Rows = append(o.Rows, talerRow{"refunds", row(f), f.Summary})
	case "C-09":
		o.Rows = append(o.Rows, talerRow{"recoup-refresh", row(f), f.Summary})
	case "C-14":
		o.Rows = append(o.Rows, talerRow{"melt", row(f), f.Summary})
	case "C-17":
		o.Rows = append(o.Rows, talerRow{"refresh_reveal", row(f), f.Summary})
	case "C-22", "C-23":
		o.Rows = append(o.Rows, talerRow{"deposits", row(f), f.Summary})
	case "C-05":
		o.addBadSignature("refund", f, *cmp.Or(f.Loss, &zero), "")
	case "C-10":
		o.addBadSignature("coin", f, *cmp.Or(f.Loss, &zero), "")
	case "C-12":
		o.addBadSignature("recoup-refresh", f, *cmp.Or(f.Loss, &zero), "")
	case "C-13":
		o.addBadSignature("recoup-refresh", f, *cmp.Or(f.Exposure, &zero), "denomination not revoked")
	case "C-15":
		o.addBadSignature("melt", f, *cmp.Or(f.Loss, &zero), "")
	case "C-24", "C-25":
		o.addBadSignature("deposit", f, *cmp.Or(f.Loss, &zero), "")
	case "C-06":
		put(&e, &o.Arithmetic, e.arithmetic("refund (fee)", row(f), 0))
	case "C-11":
		put(&e, &o.Arithmetic, e.arithmetic("coin", row(f), -1))
	case "C-18":
		put(&e, &o.Arithmetic, talerArithmetic{"melt contribution vs. fee", row(f), e.amount("amount"), e.amount("fee"), -1})
	case "C-19":
		put(&e, &o.Arithmetic, talerArithmetic{"melt (cost)", row(f), e.amount("paid"), e.amount("cost"), -1})
	case "C-38":
		put(&e, &o.Arithmetic, talerArithmetic{"melt (cost)", row(f), e.amount("paid"), e.amount("cost"), 1})
	case "C-16":
		put(&e, &o.Hanging, coinHanging{row(f), e.amount("amount"), first(f, "coin_pub")})
	case "C-28":
		put(&e, &o.ByCount, coinEmergencyByCount{first(f, "denom_pub_hash"), e.integer("issued"), e.integer("known"),
			e.amount("issued value"), e.date("valid_from"), e.date("expire_deposit"), e.amount("value")})
	case "C-29":
		put(&e, &o.Emergencies, coinEmergency{first(f, "denom_pub_hash"), e.amount("issued value"), e.amount("overdrawn"),
			e.date("valid_from"), e.date("expire_deposit"), e.amount("value")})
	default:
		return false
	}
	return !e.broken
}

// put adds an element to a list unless evidence that it was made of was missing.
func put[T any](e *evidence, list *[]T, element T) {
	if !e.broken {
		*list = append(*list, element)
	}
}

func (o *coinsFields) addBadSignature(operation string, f *Finding, loss taler.Amount, hint string) {
	o.BadSignatures = append(o.BadSignatures, coinBadSignature{operation, row(f), loss, first(f, "coin_pub"), hint})
}

// addKey puts a finding about keys into the list that the earlier auditor had for it
// in this area, if it had one.
func (o *coinsFields) addKey(f *Finding) {
	e := evidence{finding: f}
	switch f.Check {
	case "C-01":
		put(&e, &o.Unsigned, coinUnsigned{first(f, "denom_pub_hash"), e.amount("value"), e.date("valid_from"), e.date("expire_legal")})
	case "K-07":
		o.Rows = append(o.Rows, talerRow{"denomination revocations", row(f), f.Summary})
	}
}
