package audit

import "auditor/report"

// aggregationRules lists the checks of what merchants are owed and paid.
func aggregationRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"A-01", areaAggregation, row, report.Loss, false, "each transfer names an account with a payment method"},
		{"A-02", areaAggregation, row, report.Loss, false, "each transfer names an account that can be hashed"},
		{"A-03", areaAggregation, row, report.Inconsistency, false, "each deposit that is part of a transfer names an account"},
		{"A-04", areaAggregation, row, report.Inconsistency, false, "each deposit's hash of the merchant's account is that of the account"},
		{"A-07", areaAggregation, row, report.Inconsistency, false, "each deposit is of a coin of a known denomination"},
		{"A-14", areaAggregation, row, report.Inconsistency, false, "each deposit is worth the fee for it"},
		{"A-20", areaAggregation, state, report.Loss, false, "each transfer goes to the account that its deposits name"},
		{"A-22", areaAggregation, state, report.Inconsistency, false, "the wire fee of each transfer can be told"},
		{"A-26", areaAggregation, state, report.Loss, false, "each transfer is worth the fee for it"},
		{"A-27", areaAggregation, state, report.Loss, false, "each transfer is of what its deposits earn, less the fee, rounded down"},
		{"A-28", areaAggregation, row, report.Inconsistency, false, "each row about payments to merchants can be read and refers to rows that exist"},
		{"A-29", areaAggregation, state, report.Loss, false, "no more is refunded than was deposited"},
		{"A-30", areaAggregation, state, report.Inconsistency, false, "each deposit is part of one transfer"},
		{"A-31", areaAggregation, state, report.Exposure, false, "each deposit that is part of a transfer is part of one that exists"},
		{"A-32", areaAggregation, state, report.Inconsistency, false, "no transfer is made before any of its deposits is due"},
		{"A-33", areaAggregation, row, report.Notice, false, "no deposit is paid while it can be refunded"},
		{"A-34", areaAggregation, row, report.Inconsistency, false, "no transfer is dated in the future"},
		{"A-35", areaAggregation, row, report.Inconsistency, false, "transfers and wire deadlines are dated to the second"},
		{"A-36", areaAggregation, state, report.Inconsistency, false, "transfers are dated in the order of their serials"},
		{"A-37", areaAggregation, row, report.Exposure, false, "each deposit is to be paid within reasonable time"},
		{"A-38", areaAggregation, state, report.Inconsistency, true, "the exchange believes to have paid only what it has paid"},
		{"A-39", areaAggregation, state, report.Exposure, true, "the exchange does not believe that it must pay what it has paid"},
		{"A-40", areaAggregation, state, report.Inconsistency, true, "the exchange calls only tiny deposits tiny"},
		{"A-41", areaAggregation, state, report.Exposure, true, "the wire deadline of each unpaid deposit stays what it was"},
		{"A-42", areaAggregation, state, report.Exposure, true, "each payment that the exchange is about to make is one of its books, once"},
		{"A-43", areaAggregation, state, report.Exposure, true, "the bank refuses no payment of the exchange"},
		{"W-17", areaAggregation, state, report.Exposure, false, "each deposit that is due is paid, unless all that is due to its merchant is tiny"},
	}
}
