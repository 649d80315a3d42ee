package exchange

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// ConfirmedDeposit is a deposit with what the exchange signs to the merchant about it.
type ConfirmedDeposit struct {
	Row
	Coin              int64                // serial of the coin
	CoinPub           taler.EddsaPublicKey // zero if there is no such coin
	Denomination      int64                // serial, of the coin; 0 if there is no such coin
	MerchantPub       taler.EddsaPublicKey
	ContractTermsHash taler.Hash
	WireHash          taler.Hash
	ExchangeTimestamp taler.Timestamp
	RefundDeadline    taler.Timestamp
	AmountWithFee     taler.Amount
}

// ConfirmedDeposits is the relation of all deposits, as they are confirmed. It is
// read through [DepositsFrom] and [DepositsOfMerchants]: coins are looked up one by one.
var ConfirmedDeposits = Relation[ConfirmedDeposit]{"confirmed_deposits", "deposits", func(d *decoder, r *ConfirmedDeposit) {
	r.Row = d.row()
	r.Coin = d.integer()
	if d.optional(r.CoinPub[:]) {
		r.Denomination = d.integer()
	} else {
		d.next()
	}
	d.raw(r.MerchantPub[:])
	d.raw(r.ContractTermsHash[:])
	d.raw(r.WireHash[:])
	r.ExchangeTimestamp, r.RefundDeadline = d.time(), d.time()
	r.AmountWithFee = d.amount()
	r.Malformed = d.malformed
}}

// Contract is a contract of a merchant, which one or more coins pay for.
type Contract struct {
	MerchantPub taler.EddsaPublicKey
	Hash        taler.Hash
}

// ofContracts picks the deposits for some contracts. It compares each deposit that
// the condition beside it leaves with a table in memory, whatever the server
// believes to know of their number: "is true" keeps it from looking each up.
const ofContracts = `((q.merchant_pub, q.h_contract_terms) in (select * from unnest($2::bytea[], $3::bytea[]))) is true order by q.serial`

// DepositsFrom reads the deposits for some contracts with serials of from and more.
// It costs one pass over these serials.
func DepositsFrom(ctx context.Context, conn *pgx.Conn, src Source, from int64, contracts []Contract, yield func(ConfirmedDeposit) error) error {
	_, merchants, hashes := columnsOf(contracts)
	return ConfirmedDeposits.query(ctx, conn, src, "select q.* from (%s) as q where q.serial >= $1 and "+ofContracts, yield, from, merchants, hashes)
}

// DepositsOfMerchants reads all deposits for some contracts. It costs one pass over
// the deposits of the merchants, along the index on their keys.
func DepositsOfMerchants(ctx context.Context, conn *pgx.Conn, src Source, contracts []Contract, yield func(ConfirmedDeposit) error) error {
	distinct, merchants, hashes := columnsOf(contracts)
	return ConfirmedDeposits.query(ctx, conn, src, "select q.* from (%s) as q where q.merchant_pub = any ($1) and "+ofContracts, yield, distinct, merchants, hashes)
}

// columnsOf lists the merchants, and the columns of contracts.
func columnsOf(contracts []Contract) (distinct, merchants, hashes [][]byte) {
	known := make(map[taler.EddsaPublicKey]bool)
	for i := range contracts {
		c := &contracts[i]
		if !known[c.MerchantPub] {
			known[c.MerchantPub] = true
			distinct = append(distinct, c.MerchantPub[:])
		}
		merchants, hashes = append(merchants, c.MerchantPub[:]), append(hashes, c.Hash[:])
	}
	return distinct, merchants, hashes
}

// AlteredDeposits tells which of some deposits are gone or no longer what they were,
// by their places in the list, from 0. Each is looked up by its serial.
func AlteredDeposits(ctx context.Context, conn *pgx.Conn, src Source, deposits []ConfirmedDeposit) ([]int, error) {
	var serials, coins, timestamps, deadlines, values []int64
	var fractions []int32
	var merchants, contracts, wires [][]byte
	for i := range deposits {
		d := &deposits[i]
		serials, coins = append(serials, d.Serial), append(coins, d.Coin)
		merchants, contracts, wires = append(merchants, d.MerchantPub[:]), append(contracts, d.ContractTermsHash[:]), append(wires, d.WireHash[:])
		timestamps, deadlines = append(timestamps, d.ExchangeTimestamp.DB()), append(deadlines, d.RefundDeadline.DB())
		values, fractions = append(values, int64(d.AmountWithFee.Value)), append(fractions, int32(d.AmountWithFee.Fraction))
	}
	rows, err := conn.Query(ctx, queryText(src, "altered_deposits"), serials, coins, merchants, contracts, wires, timestamps, deadlines, values, fractions)
	if err != nil {
		return nil, fmt.Errorf("look for altered deposits: %w", err)
	}
	places, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (int, error) {
		var place int
		err := row.Scan(&place)
		return place - 1, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for altered deposits: %w", err)
	}
	return places, nil
}
