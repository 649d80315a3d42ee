package audit

import (
	"math"

	"auditor/internal/taler"
)

// stored is a time as the auditor's own tables hold it: the highest number means
// never, so that times compare as they should.
func stored(t taler.Timestamp) int64 { return int64(min(t, math.MaxInt64)) }

// fromStored is the reverse of stored.
func fromStored(v int64) taler.Timestamp {
	if v == math.MaxInt64 {
		return taler.Forever
	}
	return taler.Timestamp(max(v, 0))
}
