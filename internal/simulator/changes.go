package simulator

import "auditor/internal/taler"

// A change is a row that was played since the last Write and waits for the next.
// Reserves and coins remember the last one that touched them, since only what
// nothing else builds on may become visible late.
type change struct {
	write int // how many there were before; 0 never occurs
	kind  changeKind
	index int // in the list of the batch
}

type changeKind uint8

const (
	changeOfCredits changeKind = iota + 1
	changeOfWithdrawals
	changeOfClosings
	changeOfDeposits
	changeOfRefunds
	changeOfMelts
	changeOfRecoups
)

func (x *Exchange) change(kind changeKind, index int) change {
	return change{write: x.writes + 1, kind: kind, index: index}
}

// before is what a reserve was like before its last change.
type reserveBefore struct {
	owed                   money
	expiration, collection taler.Timestamp
}

// before notes a change that is about to happen to the reserve.
func (r *reserve) before(c change) {
	r.last = c
	r.was = reserveBefore{r.owed, r.expiration, r.collection}
}
