package simulator

import (
	"fmt"
	"time"

	"auditor/internal/taler"
)

// A Scenario says what to play. Two equal scenarios give equal databases.
type Scenario struct {
	Seed    uint64
	KeySeed uint64    // of the denominations' keys alone, so that exchanges can share the costly ones; 0 = Seed
	Start   time.Time // whole second
	Days    int       // played by New, at least 1

	Reserves              int // customers' reserves opened within Days, at least 1
	WithdrawalsPerReserve int // coins that a reserve in use pays for, on average

	Merchants int // shops where coins are spent, at least 2; 0 = nobody spends anything
	// PromptCustomers have every melt answered within a minute. Others wait for days now
	// and then, or abandon it.
	PromptCustomers bool
	// PromptAggregator has the exchange look at each deposit a second after its deadline.
	// Else that takes up to three quarters of an hour.
	PromptAggregator bool

	RSABits           int   // modulus of the denominations' keys
	GenerationRSABits []int // the same for the first generations, where it differs
	Currency          taler.Currency
	Values            []string // of the denominations, in units of the currency, such as "0.5"

	DenominationSpan    time.Duration // how long a generation of denominations can be withdrawn
	DenominationOverlap time.Duration // during which the next generation is valid already
	DepositSpan         time.Duration // how long coins can be spent after that
	LegalSpan           time.Duration // from then on to the end of the exchange's liability for coins; 0 = five years
	SignKeySpan         time.Duration // how long a sign key signs
	SignKeyOverlap      time.Duration
	WireFeePeriod       time.Duration // length of the periods that follow each other without a gap

	IdleReserveExpiration  time.Duration // from the last credit to expiration
	LegalReserveExpiration time.Duration // from the last withdrawal to garbage collection

	RevokeDenominationAfter time.Duration // from Start, whole seconds; 0 = never
	RevokeSignKeyAfter      time.Duration

	Keys *KeyPool `json:"-"` // where denominations' keys come from; nil = a pool that the process shares
}

const day = 24 * time.Hour

// DefaultScenario is a small exchange: two months, 40 reserves, eight shops, two
// generations of five denominations with 1024-bit keys, four weeks until a reserve
// expires. A sign key is revoked, and, if the seed is even, a denomination.
func DefaultScenario(seed uint64) Scenario {
	s := Scenario{
		Seed:                   seed,
		Start:                  time.Date(2020, time.December, 7, 8, 0, 0, 0, time.UTC),
		Days:                   60,
		Reserves:               40,
		WithdrawalsPerReserve:  6,
		Merchants:              6,
		RSABits:                1024,
		Currency:               "EUR",
		Values:                 []string{"0.1", "0.5", "1", "5", "10"},
		DenominationSpan:       50 * day,
		DenominationOverlap:    10 * day,
		DepositSpan:            2 * 365 * day,
		SignKeySpan:            28 * day,
		SignKeyOverlap:         7 * day,
		WireFeePeriod:          25 * day,
		IdleReserveExpiration:  28 * day,
		LegalReserveExpiration: 7 * 365 * day,
		RevokeSignKeyAfter:     44 * day,
	}
	if seed%2 == 0 {
		s.RevokeDenominationAfter = 46 * day
	}
	return s
}

// rsaBits is the size of the keys of a generation.
func (s Scenario) rsaBits(generation int) int {
	if generation < len(s.GenerationRSABits) {
		return s.GenerationRSABits[generation]
	}
	return s.RSABits
}

// check refuses scenarios that cannot be played.
func (s Scenario) check() error {
	switch {
	case s.Start.Nanosecond() != 0 || s.Start.Unix() < 0:
		return fmt.Errorf("simulation starts at %s; choose a whole second after 1969", s.Start)
	case s.Days < 1, s.Reserves < 1, s.WithdrawalsPerReserve < 0:
		return fmt.Errorf("%d days, %d reserves, %d withdrawals per reserve: ask for at least 1, 1 and 0",
			s.Days, s.Reserves, s.WithdrawalsPerReserve)
	case s.Merchants != 0 && s.Merchants < 2:
		return fmt.Errorf("%d merchants: ask for none, or for at least 2, one of each wire method", s.Merchants)
	case len(s.Values) == 0:
		return fmt.Errorf("no denomination values; name at least one, such as \"1\"")
	case s.DenominationOverlap < 0 || s.DenominationOverlap >= s.DenominationSpan:
		return fmt.Errorf("denominations overlap for %s of %s; choose an overlap shorter than the span",
			s.DenominationOverlap, s.DenominationSpan)
	case s.SignKeyOverlap < 0 || s.SignKeyOverlap >= s.SignKeySpan:
		return fmt.Errorf("sign keys overlap for %s of %s; choose an overlap shorter than the span",
			s.SignKeyOverlap, s.SignKeySpan)
	case s.IdleReserveExpiration < day:
		return fmt.Errorf("reserves expire after %s; choose at least a day", s.IdleReserveExpiration)
	}
	for _, d := range []time.Duration{
		s.DenominationSpan, s.DenominationOverlap, s.SignKeySpan, s.SignKeyOverlap,
		s.IdleReserveExpiration, s.LegalReserveExpiration, s.DepositSpan, s.LegalSpan, s.RevokeDenominationAfter, s.RevokeSignKeyAfter,
	} {
		if d%time.Second != 0 || d < 0 {
			return fmt.Errorf("duration %s; choose whole, positive seconds", d)
		}
	}
	if s.WireFeePeriod < day || s.WireFeePeriod%time.Second != 0 {
		return fmt.Errorf("wire fees change every %s; choose whole seconds and at least a day", s.WireFeePeriod)
	}
	return nil
}
