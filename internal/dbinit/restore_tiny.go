package dbinit

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"auditor/sql"
)

// markTiny marks the deposits that were too small to be paid when they were due.
func (r *restorer) markTiny(ctx context.Context) error {
	settings := r.program.Config
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	script := strings.NewReplacer(
		":unit_val", number(int64(settings.Exchange.CurrencyRoundUnit.Value)),
		":unit_frac", number(int64(settings.Exchange.CurrencyRoundUnit.Fraction)),
		":grace", number(settings.Auditor.DepositGrace.Microseconds()),
		":now", number(r.Now.UnixMicro()),
	).Replace(sql.InSchema(sql.Text("restore/tiny.sql"), r.Schema))
	if _, err := r.target.Exec(ctx, script); err != nil {
		return fmt.Errorf("computing which deposits are tiny: %w", err)
	}
	return nil
}
