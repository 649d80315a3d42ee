package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// What an exchange is about to order at its bank stands in a table that only it has. Each
// such order must be for a transfer or a closing in its books, once, or money leaves that
// nobody is owed. It is noticed before the bank has it.

// auditPrepared finds orders that no booking is for, and those that the bank
// refused.
func (a *aggregationAudit) auditPrepared(ctx context.Context) error {
	var there bool
	table := pgx.Identifier{a.source.Schema, exchange.PreparedPayments.Table}.Sanitize()
	if err := a.conn.QueryRow(ctx, "select to_regclass($1) is not null", table).Scan(&there); err != nil {
		return err
	}
	if !there {
		a.leave(areaAggregation, "the payments that the exchange is about to make", "the table prewire, which is not replicated, is missing")
		return nil
	}
	population := report.Population{Area: areaAggregation, Table: exchange.PreparedPayments.Table}
	err := exchange.PreparedPayments.All(ctx, a.conn, a.source, func(p exchange.PreparedPayment) error {
		population.Rows++
		population.Next = max(population.Next, p.Serial+1)
		switch {
		case p.Malformed != nil:
			return a.find(ctx, malformed(areaAggregation, exchange.PreparedPayments.Table, &p.Row))
		case p.Failed:
			return a.find(ctx, finding("A-43", row(exchange.PreparedPayments.Table, p.Serial), exposure(p.Order.Amount), ordered(&p),
				"the bank refused to pay %v, and the exchange does not try again", p.Order.Amount))
		}
		return a.compareOrder(ctx, &p)
	})
	population.Total = population.Rows
	a.count(population)
	return err
}

// compareOrder compares an order with what the books say.
func (a *aggregationAudit) compareOrder(ctx context.Context, p *exchange.PreparedPayment) error {
	evidence := ordered(p)
	about := row(exchange.PreparedPayments.Table, p.Serial)
	booked := p.Booked
	if booked == nil {
		return a.find(ctx, finding("A-42", about, exposure(p.Order.Amount), evidence,
			"the exchange is about to pay %v, for which there is neither a transfer nor a closing in its books that no other order is for", p.Order.Amount))
	}
	if booked.Table == exchange.WireTransfers.Table {
		booked.Payee = a.wires.of(booked.Payee).uri
	}
	if sameAccount(booked.Payee) != sameAccount(p.Order.Payee) {
		return a.find(ctx, finding("A-42", about, exposure(p.Order.Amount), append(evidence, withText("expected", booked.Payee), withText("found", p.Order.Payee)),
			"the exchange is about to pay %v to another account than its books name", p.Order.Amount))
	}
	if booked.Amount == p.Order.Amount {
		return nil
	}
	more := none
	if excess, err := p.Order.Amount.Sub(booked.Amount); err == nil {
		more = exposure(excess)
	}
	return a.find(ctx, finding("A-42", about, more, append(evidence, with("expected", booked.Amount), with("found", p.Order.Amount)),
		"the exchange is about to pay %v, but its books say %v", p.Order.Amount, booked.Amount))
}

// ordered is the evidence of an order.
func ordered(p *exchange.PreparedPayment) []report.Evidence {
	evidence := []report.Evidence{with("amount", p.Order.Amount), withText("payee", p.Order.Payee), withText("wtid", taler.EncodeBase32(p.Order.WTID[:]))}
	if p.Booked != nil {
		evidence = append(evidence, withText("booked in", p.Booked.Table), number("booked in row", p.Booked.Serial))
	}
	return evidence
}
