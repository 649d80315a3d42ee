// Package taler holds the notions of GNU Taler that an exchange's database is
// made of: amounts of money, times, keys, signatures and hashes, and the exact
// bytes that were signed or hashed.
//
// It is pure. It opens no file and no connection, it keeps no state, and it
// draws no randomness but from a reader that is handed to it. Everything in it
// is a function of its arguments, so that two auditors who look at the same row
// reach the same verdict.
//
// # Money and time
//
// An [Amount] counts units and hundred-millionths of units of one [Currency].
// Its arithmetic never wraps and never mixes currencies: what cannot be
// expressed is an error ([ErrOverflow], [ErrNegative], [ErrCurrencyMismatch]).
// A [Timestamp] counts microseconds; the one value [Forever] means never.
// [AmountFromDB] and [TimestampFromDB] are the only doors through which columns
// become amounts and times; they refuse what no honest exchange writes.
//
// # Statements
//
// Everything that somebody signs is a [Statement]: a struct whose fields are
// the things said, and whose AppendSigned gives the packed bytes, header
// included. [Verify] and [Sign] take a statement and a key; no caller builds
// bytes by hand. Verify accepts exactly what the exchange's own library
// (libsodium 1.0.18) accepts, which is a little less than what the standard
// library does.
//
// # Coins
//
// A coin is an Ed25519 key that a denomination has signed blindly with RSA.
// An [RSAPublicKey] knows its canonical encoding and hash, verifies coins
// ([RSAPublicKey.VerifyCoin]), and turns a blind signature back into the
// envelope that it answers ([RSAPublicKey.Envelope]), which is how a withdrawal
// can be checked although its envelope was never stored. [Commitment] and
// [RefreshEnvelopes] repeat the cut-and-choose of a refresh.
//
// The signing half ([EddsaPrivateKey], [RSAPrivateKey], [RSAPublicKey.Blind],
// [RSAPublicKey.Unblind]) exists for programs that play an exchange and its
// customers in order to test an auditor. It runs in variable time and must not
// guard real money.
//
// # Hostile input
//
// Whoever runs an auditor does not trust the database. All parsers here are
// bounded in time and memory by the length of what they are given and never
// panic; keys of a size that would only burn time are refused.
package taler
