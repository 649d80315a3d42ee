package simulator

import (
	"testing"
	"time"
)

func TestScenarioRefused(t *testing.T) {
	for name, change := range map[string]func(s *Scenario){
		"half second":                        func(s *Scenario) { s.Start = s.Start.Add(time.Second / 2) },
		"long ago":                           func(s *Scenario) { s.Start = time.Unix(-1, 0) },
		"no days":                            func(s *Scenario) { s.Days = 0 },
		"no reserves":                        func(s *Scenario) { s.Reserves = 0 },
		"fewer than none":                    func(s *Scenario) { s.WithdrawalsPerReserve = -1 },
		"one merchant":                       func(s *Scenario) { s.Merchants = 1 },
		"broken deadline":                    func(s *Scenario) { s.DepositSpan = -day },
		"liability before it begins":         func(s *Scenario) { s.LegalSpan = -day },
		"broken revocation":                  func(s *Scenario) { s.RevokeDenominationAfter = time.Millisecond },
		"impossible modulus of a generation": func(s *Scenario) { s.GenerationRSABits = []int{512, 3} },
		"no values":                          func(s *Scenario) { s.Values = nil },
		"zero value":                         func(s *Scenario) { s.Values = []string{"1", "0"} },
		"odd value":                          func(s *Scenario) { s.Values = []string{"one"} },
		"endless overlap":                    func(s *Scenario) { s.DenominationOverlap = s.DenominationSpan },
		"endless sign keys":                  func(s *Scenario) { s.SignKeyOverlap = s.SignKeySpan },
		"hasty expiration":                   func(s *Scenario) { s.IdleReserveExpiration = time.Hour },
		"broken seconds":                     func(s *Scenario) { s.LegalReserveExpiration += time.Millisecond },
		"hasty fees":                         func(s *Scenario) { s.WireFeePeriod = time.Hour },
		"odd fee period":                     func(s *Scenario) { s.WireFeePeriod += time.Microsecond },
		"impossible modulus":                 func(s *Scenario) { s.RSABits = 3 },
	} {
		s := smallScenario(1)
		change(&s)
		if _, err := New(s); err == nil {
			t.Errorf("%s: scenario was accepted", name)
		}
	}
	x := newExchange(t, smallScenario(1))
	if err := x.Advance(0); err == nil {
		t.Error("advanced by no days")
	}
}

func TestGetters(t *testing.T) {
	s := smallScenario(1)
	x := newExchange(t, s)
	if want := s.Start.Add(60 * day); !x.Clock().Equal(want) {
		t.Errorf("clock %s, want %s", x.Clock(), want)
	}
	advance(t, x, 3)
	if want := s.Start.Add(63 * day); !x.Clock().Equal(want) {
		t.Errorf("clock %s, want %s", x.Clock(), want)
	}
	if x.MasterKey().Public() != x.MasterPublicKey() {
		t.Error("master key does not fit its public key")
	}
	if public, _ := x.Auditor(); x.AuditorKey(0).Public() != public || x.AuditorKey(1).Public() == public {
		t.Error("auditor's key does not fit its public key")
	}
	if got := x.RoundUnit().String(); got != "EUR:0.01" {
		t.Errorf("round unit %s", got)
	}
}
