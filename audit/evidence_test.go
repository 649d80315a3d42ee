package audit

import (
	"encoding/hex"
	"fmt"
	"slices"

	"auditor/internal/taler"
	"auditor/report"
)

// aboutSignatures are the checks whose findings say that an EdDSA signature does not
// verify, whatever else they may say.
var aboutSignatures = []string{"K-01", "K-06", "K-07", "K-08", "K-09", "R-04", "R-06", "R-08", "C-05", "C-12", "C-15", "C-25", "C-35"}

// blindSignatures is how checks name the denomination's signature that does not verify. Its
// key is in the table of denominations.
var blindSignatures = map[string]string{"C-10": "denom_sig", "C-36": "ev_sig", "R-20": "denom_sig"}

// unproved lists the findings that do not show the signature that does not verify, and
// those whose evidence shows one that does.
func unproved(rep *report.Report) []string {
	var wrong []string
	for _, f := range rep.Findings {
		value := make(map[string]string)
		for _, e := range f.Evidence {
			value[e.Name] = e.Value
		}
		if name, blind := blindSignatures[f.Check]; blind && (value[name] == "" || value["denom_pub_hash"] == "") {
			wrong = append(wrong, fmt.Sprintf("%s shows no signature of a denomination: %v", f.Check, f.Evidence))
		}
		if value["signature"] == "" {
			if slices.Contains(aboutSignatures, f.Check) {
				wrong = append(wrong, fmt.Sprintf("%s shows no signature: %v", f.Check, f.Evidence))
			}
			continue
		}
		key, err := taler.ParseEddsaPublicKey(value["signing key"])
		sig, badSig := taler.ParseEddsaSignature(value["signature"])
		signed, badBytes := hex.DecodeString(value["signed bytes"])
		switch {
		case err != nil || badSig != nil || badBytes != nil || len(signed) < 8:
			wrong = append(wrong, fmt.Sprintf("%s shows no signed bytes: %v", f.Check, f.Evidence))
		case taler.VerifyBytes(key, signed, sig):
			wrong = append(wrong, fmt.Sprintf("%s shows a signature that verifies: %v", f.Check, f.Evidence))
		}
	}
	return wrong
}
