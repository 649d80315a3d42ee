package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// subject is what a finding is about. It makes the finding's identity, with
// the check's id: the same subject gives the same finding in every run.
type subject struct {
	table  string
	serial *int64 // nil if it is not about one row
	key    string // what the finding is about if not a row, or besides it
}

// row is the subject that is one row of a table.
func row(table string, serial int64) subject { return subject{table: table, serial: &serial} }

// finding makes a finding of the named check. Its severity is the rule's.
func finding(id string, about subject, amounts report.Amounts, evidence []report.Evidence, summary string, args ...any) report.Finding {
	rule := ruleOf(id)
	return report.Finding{
		Identity: identity(id, about),
		Check:    id,
		Area:     rule.area,
		Kind:     rule.kind,
		Severity: rule.severity,
		Table:    about.table,
		Serial:   about.serial,
		Subject:  about.key,
		Amounts:  amounts,
		Summary:  fmt.Sprintf(summary, args...),
		Evidence: evidence,
	}
}

// identity is the SHA-256 of the check's id and its subject, in hexadecimal.
func identity(id string, about subject) string {
	h := sha256.New()
	for _, part := range []string{id, about.table, about.key} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	if about.serial != nil {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(*about.serial)))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func with(name string, value fmt.Stringer) report.Evidence {
	return report.Evidence{Name: name, Value: value.String()}
}

func withText(name, value string) report.Evidence {
	return report.Evidence{Name: name, Value: value}
}

// unverified adds to the evidence what anybody needs to see that a signature does not
// verify: the key in base32, the signature in base32, and the signed bytes in hexadecimal.
func unverified(evidence []report.Evidence, key taler.EddsaPublicKey, statement taler.Statement, sig taler.EddsaSignature) []report.Evidence {
	return append(slices.Clip(evidence), with("signing key", key), with("signature", sig),
		withText("signed bytes", hex.EncodeToString(statement.AppendSigned(nil))))
}

// beyond adds to the evidence which values were expected, by their limit ("at most",
// "not before"), and which one was found.
func beyond(evidence []report.Evidence, side string, limit, found fmt.Stringer) []report.Evidence {
	return append(slices.Clip(evidence), withText("expected", side+" "+limit.String()), with("found", found))
}

func number(name string, value int64) report.Evidence {
	return report.Evidence{Name: name, Value: strconv.FormatInt(value, 10)}
}

func loss(a taler.Amount) report.Amounts     { return report.Amounts{Loss: &a} }
func exposure(a taler.Amount) report.Amounts { return report.Amounts{Exposure: &a} }
func gain(a taler.Amount) report.Amounts     { return report.Amounts{Gain: &a} }

// none is for findings that cost nothing that can be told.
var none = report.Amounts{}

// malformed is the finding about a row that cannot be read (R-21, K-14, C-33, A-28).
func malformed(area, table string, row *exchange.Row) report.Finding {
	id := map[string]string{areaKeys: "K-14", areaReserves: "R-21", areaCoins: "C-33", areaAggregation: "A-28"}[area]
	return finding(id, subject{table: table, serial: &row.Serial, key: row.Malformed.Column}, none,
		[]report.Evidence{withText("column", row.Malformed.Column), withText("defect", row.Malformed.Reason)},
		"row %d of %s cannot be used, so it is left out of the books: %v", row.Serial, table, row.Malformed)
}

// unreachable is the finding about a row with the highest serial there can be,
// which would hide every later row.
func unreachable(area, table string) report.Finding {
	row := &exchange.Row{Serial: math.MaxInt64, Malformed: &exchange.Malformed{
		Column: "serial", Reason: "is the highest number of all, after which no row could be told"}}
	return malformed(area, table, row)
}
