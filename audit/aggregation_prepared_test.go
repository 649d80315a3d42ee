package audit

import (
	"slices"
	"strings"
	"testing"

	"auditor/report"
)

// A copy may lack the table of prepared payments; the report says what is not checked.
func TestNoTableOfPreparedPayments(t *testing.T) {
	b := real(t, "small-wired")
	b.opt.Internal = true
	b.exec("drop table public.prewire")
	rep := b.audit()
	if got := said(rep); len(got) != 0 {
		t.Errorf("the audit says %q", got)
	}
	if !slices.ContainsFunc(rep.Unchecked, func(u report.Unchecked) bool { return strings.Contains(u.Why, "prewire") }) {
		t.Errorf("what is not checked is %+v", rep.Unchecked)
	}
}
