package exchange

// WithdrawnCoin is a coin that was issued by a withdrawal, which tells nothing of
// the coin but its denomination.
type WithdrawnCoin struct {
	Row
	Denomination int64 // serial
}

// WithdrawnCoins is the relation of all coins that were withdrawn.
var WithdrawnCoins = Relation[WithdrawnCoin]{"withdrawn_coins", "reserves_out", func(d *decoder, r *WithdrawnCoin) {
	r.Row = d.row()
	r.Denomination = d.integer()
	r.Malformed = d.malformed
}}
