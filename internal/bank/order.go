package bank

import "strconv"

// order watches over the rows of one read: each is larger than the one before it, and than the border
// behind which the read began. It costs no memory: a row that comes twice cannot be in order both times.
type order struct {
	border int64
	last   int64 // 0: none yet
	count  int64
}

func newOrder(after int64) *order { return &order{border: after} }

// next takes a row note of, or says what is wrong with it.
func (o *order) next(row int64) *Violation {
	v := &Violation{Row: row, Field: "row_id", Have: strconv.FormatInt(row, 10)}
	o.count++
	switch {
	case row <= o.border:
		v.Rule, v.Want = RuleBorder, "rows above "+strconv.FormatInt(o.border, 10)
		v.Hint = "the bank repeats what it told before; ask it to obey the parameter start"
	case row == o.last:
		v.Rule, v.Want = RuleRepeated, "each row once"
		v.Hint = "ask the bank which of the two transfers it means"
	case row < o.last:
		v.Rule, v.Want = RuleOrder, "a row above "+strconv.FormatInt(o.last, 10)+", which came before it"
		v.Hint = "ask the bank for a history in the order of its rows, without repetitions"
	case o.count > maxRecords:
		v.Rule, v.Want = RuleEndless, "an end of the history after at most "+strconv.Itoa(maxRecords)+" records"
		v.Hint = "the bank makes up its history without end; ask it why"
	default:
		o.last = row
		return nil
	}
	return v
}
