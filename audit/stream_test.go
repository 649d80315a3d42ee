package audit

import (
	"errors"
	"testing"

	"auditor/internal/exchange"
)

// TestPanicIsADefect lets a verification panic: the batch says so, with the status
// of an internal error, and the process lives.
func TestPanicIsADefect(t *testing.T) {
	b := &batch[exchange.Credit]{rows: make([]exchange.Credit, 1)}
	verifyBatch(areaReserves, exchange.Credits.Table, b, func(*exchange.Credit, *verdict) { panic("out of luck") })
	if e, ok := errors.AsType[*DefectError](b.panicked); !ok || e.ExitStatus() != 4 {
		t.Errorf("got %v, want a defect", b.panicked)
	}
}
