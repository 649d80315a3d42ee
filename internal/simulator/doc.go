// Package simulator plays an exchange with its customers, merchants and banks: the
// whole life of money, from a credit to a reserve over withdrawals, deposits,
// refunds, melts and recoups to the transfers that leave it, all with real keys and
// real signatures. It writes the database that such an exchange would have.
//
// Call [New] with a [Scenario] to play its first days, [Exchange.Write] to fill an
// empty database of the 2021 layout, and [Exchange.Ledger] for the figures that an
// audit of it must arrive at. [Exchange.Advance] plays more days; the next Write
// appends them, as an exchange at work does between two audits, and
// [Exchange.WriteEarly] shows it while transactions are still open. [Frauds] lists
// what a dishonest operator can do to such a database, with the keys that he has.
//
// What else an audit needs comes from [Exchange.WriteBank] and
// [Exchange.WriteConfirmations]. A [Record] lets another process go on.
//
// Everything follows from the seed: the same scenario gives the same bytes,
// whatever the number of cores. The ledger is kept while the events are played,
// with arithmetic of its own, so that it shares no mistake with the auditor.
package simulator
