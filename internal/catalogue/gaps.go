package catalogue

// Unexpressed lists what the field knows and no entry covers, with the reason why.
func Unexpressed() map[string]string {
	const (
		books   = "our books cannot come into such a state"
		program = "a defect of the earlier auditor's program, not of an exchange"
		sameRow = "both sides of the comparison come from the same row, so it cannot fail"
	)
	return map[string]string{
		"R-01": "rows are always read in the order of their serials", "R-19": books,
		"C-30": books, "C-32": program,
		"A-11": sameRow, "A-12": sameRow, "A-13": sameRow,
		"W-19": "a history that cannot be fetched is not compared, which the report says; it is no finding",
		"H-13": "a figure that was missing, not a deed: L-01 to L-03 follow from it",
		"B-02": program, "B-03": program, "B-04": program, "B-17": program, "B-18": program, "B-20": program,
		"B-21": program, "B-22": program, "B-23": program,
		"I-01": program, "I-12": program, "I-13": program, "I-15": program, "I-16": program,
	}
}
