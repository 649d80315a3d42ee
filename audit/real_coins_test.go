package audit

import (
	"maps"
	"testing"

	"auditor/internal/taler"
	"auditor/report"
)

// betterCoins is what the C auditor would have said of coins without the mistakes
// that this suite does not make; docs/differences.md explains each.
func betterCoins(t *testing.T, rep *report.Report, said, saidFirst map[string]any) map[string]any {
	t.Helper()
	figure := func(name string) taler.Amount {
		for _, f := range rep.Figures {
			if f.Area == areaCoins && f.Name == name {
				return f.Amount
			}
		}
		t.Fatalf("there is no figure %s", name)
		return taler.Amount{}
	}
	hanging, unrevealed := figure("total_refresh_hanging"), figure("total_unrevealed")
	waived, returned := figure("total_deposit_fees_waived"), figure("total_deposit_fees_returned")
	// corrected adds to and subtracts from what the C auditor said.
	corrected := func(field string, more, less []taler.Amount) string {
		a, err := taler.ParseAmount(said[field].(string))
		for _, m := range more {
			if err == nil {
				a, err = a.Add(m)
			}
		}
		for _, l := range less {
			if err == nil {
				a, err = a.Sub(l)
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", field, err)
		}
		return a.String()
	}
	better := maps.Clone(said)
	// A coin that was refunded holds the deposit fee as well. Recoups take from coins
	// what they pay into reserves. A melt costs its fee even if it is never answered.
	// What is left in expired coins is owed to nobody.
	better["total_escrow_balance"] = corrected("total_escrow_balance",
		[]taler.Amount{returned, unrevealed}, []taler.Amount{figure("total_recouped"), hanging, figure("total_expired_balance")})
	better["total_active_risk"] = corrected("total_active_risk", []taler.Amount{returned}, nil)
	// The deposit fees of refunded deposits are not earned.
	better["total_deposit_fee_income"] = corrected("total_deposit_fee_income", nil, []taler.Amount{waived, returned})
	better["total_melt_fee_income"] = corrected("total_melt_fee_income", []taler.Amount{hanging}, []taler.Amount{unrevealed})
	// Melts hang until they are answered, whether or not there is a new one.
	better["refresh_hanging"], better["total_refresh_hanging"] = saidFirst["refresh_hanging"], saidFirst["total_refresh_hanging"]
	return better
}
