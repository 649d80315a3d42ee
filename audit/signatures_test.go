package audit

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"auditor/internal/confirmation"
	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// signatures are all signatures of an exchange's database and of its confirmations, in
// memory, with all that it takes to verify them.
type signatures struct {
	master        taler.EddsaPublicKey
	denominations map[int64]*offeredCoin
	wires         wires
	withdrawals   []exchange.Withdrawal
	coins         []exchange.KnownCoin
	deposits      []exchange.Deposit
	refunds       []exchange.Refund
	melts         []answeredMelt
	recoups       []exchange.Recoup
	freshRecoups  []exchange.FreshRecoup
	confirmations []*confirmation.Confirmation
}

// offeredCoin is a denomination with its key.
type offeredCoin struct {
	exchange.Denomination
	key *taler.RSAPublicKey
}

// answeredMelt is a melt with what it was answered with, if it was.
type answeredMelt struct {
	exchange.Melt
	keys  *exchange.TransferKeys
	coins []exchange.FreshCoin // in the order of their indexes
}

// signatures reads all signatures into memory.
func (s *stage) signatures() *signatures {
	s.Helper()
	all := &signatures{master: s.opt.Policy.MasterPub, denominations: make(map[int64]*offeredCoin)}
	readRelation(s, exchange.Denominations, func(d exchange.Denomination) {
		key, err := taler.ParseRSAPublicKey(d.Pub)
		if err != nil {
			s.Fatal(err)
		}
		all.denominations[d.Serial] = &offeredCoin{d, key}
	})
	readRelation(s, exchange.Withdrawals, func(w exchange.Withdrawal) { all.withdrawals = append(all.withdrawals, w) })
	readRelation(s, exchange.KnownCoins, func(k exchange.KnownCoin) { all.coins = append(all.coins, k) })
	readRelation(s, exchange.Deposits, func(d exchange.Deposit) {
		all.wires.of(d.Wire)
		all.deposits = append(all.deposits, d)
	})
	readRelation(s, exchange.Refunds, func(r exchange.Refund) { all.refunds = append(all.refunds, r) })
	readRelation(s, exchange.Recoups, func(p exchange.Recoup) { all.recoups = append(all.recoups, p) })
	readRelation(s, exchange.FreshRecoups, func(p exchange.FreshRecoup) { all.freshRecoups = append(all.freshRecoups, p) })
	place := make(map[int64]int)
	readRelation(s, exchange.Melts, func(m exchange.Melt) {
		place[m.Serial] = len(all.melts)
		all.melts = append(all.melts, answeredMelt{Melt: m})
	})
	readRelation(s, exchange.RevealedKeys, func(k exchange.TransferKeys) { all.melts[place[k.Melt]].keys = &k })
	readRelation(s, exchange.FreshCoins, func(c exchange.FreshCoin) {
		m := &all.melts[place[c.Melt]]
		m.coins = append(m.coins, c)
	})
	_, confirmed := s.play.Confirmations()
	for c := range confirmed {
		all.confirmations = append(all.confirmations, reported(&c))
	}
	return all
}

// readRelation reads a relation of the exchange.
func readRelation[T any](s *stage, relation exchange.Relation[T], take func(T)) {
	s.Helper()
	src := exchange.Source{Layout: exchange.Layout2021(), Schema: "public", Currency: s.play.Currency()}
	err := relation.All(context.Background(), s.conn, src, func(row T) error {
		take(row)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

// count is how many signatures there are, of whatever kind.
func (a *signatures) count() int {
	n := 2*len(a.withdrawals) + len(a.coins) + len(a.deposits) + len(a.refunds) + len(a.recoups) + len(a.freshRecoups) + len(a.confirmations)
	for i := range a.melts {
		n += 1 + 2*len(a.melts[i].coins)
	}
	return n
}

// verify verifies all signatures on all cores and returns how long that took.
func (a *signatures) verify(b *testing.B) time.Duration {
	b.Helper()
	start := time.Now()
	for what, good := range map[string]bool{
		"withdrawals":   onAllCores(a.withdrawals, a.verifyWithdrawal),
		"coins":         onAllCores(a.coins, a.verifyCoin),
		"deposits":      onAllCores(a.deposits, a.verifyDeposit),
		"refunds":       onAllCores(a.refunds, a.verifyRefund),
		"melts":         onAllCores(a.melts, a.verifyMelt),
		"recoups":       onAllCores(a.recoups, a.verifyRecoup),
		"fresh recoups": onAllCores(a.freshRecoups, a.verifyFreshRecoup),
		"confirmations": onAllCores(a.confirmations, a.verifyConfirmation),
	} {
		if !good {
			b.Fatalf("not all %s verify", what)
		}
	}
	return time.Since(start)
}

// onAllCores tells whether all rows verify.
func onAllCores[T any](rows []T, verify func(*T) bool) bool {
	cores := runtime.GOMAXPROCS(0)
	good := make([]bool, cores)
	var workers sync.WaitGroup
	for core := range cores {
		workers.Go(func() {
			for i := core; i < len(rows); i += cores {
				if !verify(&rows[i]) {
					return
				}
			}
			good[core] = true
		})
	}
	workers.Wait()
	for _, g := range good {
		if !g {
			return false
		}
	}
	return true
}

func (a *signatures) verifyWithdrawal(w *exchange.Withdrawal) bool {
	d := a.denominations[w.Denomination]
	request := taler.WithdrawRequest{ReservePub: w.Reserve, AmountWithFee: w.AmountWithFee, DenomPubHash: d.PubHash, EnvelopeHash: w.EnvelopeHash}
	return taler.Verify(w.Reserve, request, w.ReserveSig) && taler.HashOf(d.key.Envelope(w.BlindSig)) == w.EnvelopeHash
}

func (a *signatures) verifyCoin(k *exchange.KnownCoin) bool {
	return a.denominations[k.Denomination].key.VerifyCoin(k.CoinPub, k.Signature)
}

func (a *signatures) verifyDeposit(p *exchange.Deposit) bool {
	d := a.denominations[p.Denomination]
	return taler.Verify(p.CoinPub, taler.DepositRequest{ContractTermsHash: p.ContractTermsHash, WireHash: a.wires.of(p.Wire).hash, DenomPubHash: d.PubHash,
		WalletTimestamp: p.WalletTimestamp, RefundDeadline: p.RefundDeadline, AmountWithFee: p.AmountWithFee, DepositFee: d.FeeDeposit,
		MerchantPub: p.MerchantPub, CoinPub: p.CoinPub}, p.CoinSig)
}

func (a *signatures) verifyRefund(r *exchange.Refund) bool {
	return taler.Verify(r.MerchantPub, taler.RefundRequest{ContractTermsHash: r.ContractTermsHash, CoinPub: r.CoinPub, MerchantPub: r.MerchantPub,
		TransactionID: r.TransactionID, Amount: r.AmountWithFee}, r.MerchantSig)
}

func (a *signatures) verifyRecoup(p *exchange.Recoup) bool {
	return a.recouped(p.Denomination, p.CoinPub, p.BlindingSecret, p.CoinSig, p.EnvelopeHash)
}

func (a *signatures) verifyFreshRecoup(p *exchange.FreshRecoup) bool {
	return a.recouped(p.Denomination, p.CoinPub, p.BlindingSecret, p.CoinSig, p.EnvelopeHash)
}

func (a *signatures) recouped(denomination int64, coin taler.EddsaPublicKey, secret taler.BlindingSecret, sig taler.EddsaSignature, hash taler.Hash) bool {
	d := a.denominations[denomination]
	envelope, err := d.key.Blind(coin, secret)
	return err == nil && taler.HashOf(envelope) == hash && taler.Verify(coin, taler.RecoupRequest{CoinPub: coin, DenomPubHash: d.PubHash, BlindingSecret: secret}, sig)
}

func (a *signatures) verifyConfirmation(c **confirmation.Confirmation) bool {
	return taler.Verify((*c).ExchangePub, (*c).DepositConfirmation, (*c).Signature)
}

// verifyMelt verifies a melt and, if it was answered, the fresh coins' signatures, and
// computes the commitment anew.
func (a *signatures) verifyMelt(m *answeredMelt) bool {
	d := a.denominations[m.Denomination]
	request := taler.MeltRequest{Commitment: m.Commitment, DenomPubHash: d.PubHash, AmountWithFee: m.Amount, MeltFee: d.FeeRefresh, CoinPub: m.CoinPub}
	if !taler.Verify(m.CoinPub, request, m.CoinSig) {
		return false
	}
	if m.keys == nil || len(m.coins) == 0 {
		return true
	}
	var denoms []*taler.RSAPublicKey
	var envelopes [taler.RefreshSets][][]byte
	for _, c := range m.coins {
		fresh := a.denominations[c.Denomination]
		link := taler.LinkData{DenomPubHash: fresh.PubHash, TransferPub: m.keys.Public, EnvelopeHash: taler.HashOf(c.Envelope)}
		if !taler.Verify(m.CoinPub, link, c.LinkSig) || !fresh.key.SameResidue(fresh.key.Envelope(c.BlindSig), c.Envelope) {
			return false
		}
		denoms = append(denoms, fresh.key)
		envelopes[m.Choice] = append(envelopes[m.Choice], c.Envelope)
	}
	old, err := taler.OldCoin(m.CoinPub)
	if err != nil {
		return false
	}
	var transfer [taler.RefreshSets]taler.TransferPublicKey
	transfer[m.Choice] = m.keys.Public
	private := m.keys.Private
	for set := range transfer {
		if set == int(m.Choice) {
			continue
		}
		key := taler.TransferPrivateKey(private[:len(taler.TransferPrivateKey{})])
		private = private[len(key):]
		transfer[set] = key.Public()
		if envelopes[set], err = old.Envelopes(key, denoms); err != nil {
			return false
		}
	}
	return taler.Commitment(transfer, denoms, m.CoinPub, m.Amount, envelopes) == m.Commitment
}
