package exchange

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
)

// Type is the PostgreSQL type of a column. No column has a type modifier.
type Type uint8

// The types that exchange databases use.
const (
	BigInt Type = iota + 1
	Integer
	Bytea
	Text
	Varchar
	Boolean
)

// OID returns the type's number in the catalog of PostgreSQL.
func (t Type) OID() uint32 {
	switch t {
	case BigInt:
		return pgtype.Int8OID
	case Integer:
		return pgtype.Int4OID
	case Bytea:
		return pgtype.ByteaOID
	case Text:
		return pgtype.TextOID
	case Varchar:
		return pgtype.VarcharOID
	case Boolean:
		return pgtype.BoolOID
	}
	return 0
}

// String returns the type's name as format_type prints it.
func (t Type) String() string {
	switch t {
	case BigInt:
		return "bigint"
	case Integer:
		return "integer"
	case Bytea:
		return "bytea"
	case Text:
		return "text"
	case Varchar:
		return "character varying"
	case Boolean:
		return "boolean"
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// Role is what the values of a column mean, as far as a row parser needs to know
// to tell a well-formed value from one that is not.
type Role uint8

// The roles, each with the rule that a well-formed value obeys.
const (
	None           Role = iota // any value of the type
	Serial                     // number from a sequence: at least 1
	Reference                  // serial of a row of another table: at least 1
	AmountValue                // whole units of the currency: 0 to 2^52
	AmountFraction             // 10^-8 units of the currency: 0 to 99,999,999
	Time                       // microseconds since 1970: not negative, or -1 or 2^63-1 for never
	Index                      // position in a list: not negative
	Key                        // Ed25519 or Curve25519 key of Length bytes, private ones included
	Hash                       // SHA-512, 64 bytes
	Signature                  // Ed25519 signature, 64 bytes
	Secret                     // blinding secret, 32 bytes
	Transfer                   // wire transfer identifier, 32 bytes
	Blob                       // RSA key, RSA signature, blinded coin or other bytes of any length
	Label                      // text that people read: names, addresses, account sections
	Flag                       // true or false
)
