package taler

import (
	"errors"
	"fmt"
	"strings"
)

// The check of IBANs, in exact arithmetic. The exchange computes the remainder
// in floating point and therefore refuses many correct numbers of about 30
// digits and more, for instance of Poland, and accepts a few wrong ones.

const maxIBANLength = 34

// ibanCountries are the codes that the exchange knows. Some countries that do
// have IBANs are missing, for instance Andorra and Cyprus.
const ibanCountries = " AE AF AL AM AN AR AT AU AZ BA BD BE BG BH BN BO BR BT BY BZ CA CG CH CI CL CM CN CO CR CS CZ DE" +
	" DK DO DZ EC EE EG ER ES ET FI FO FR GB GD GE GL GR GT HK HN HR HT HU ID IE IL IN IQ IR IS IT JM" +
	" JO JP KE KG KH KR KW KZ LA LB LI LK LT LU LV LY MA MC MD ME MK ML MM MN MO MT MV MX MY NG NI NL" +
	" NO NP NZ OM PA PE PH PK PL PR PT PY QA RE RO RS RU RW SA SE SG SI SK SN SO SR SV SY TH TJ TM TN" +
	" TR TT TW TZ UA US UY VA VE VN YE ZA ZW "

// lastSegment returns what follows the last slash of a URI, up to a question
// mark. A slash within the query counts too.
func lastSegment(uri string) string {
	segment, _, _ := strings.Cut(uri[strings.LastIndexByte(uri, '/')+1:], "?")
	return segment
}

// checkIBAN says what is wrong with a number, if anything.
func checkIBAN(iban string) error {
	if len(iban) > maxIBANLength {
		return fmt.Errorf("an IBAN has at most %d characters", maxIBANLength)
	}
	if len(iban) < 4 || !strings.Contains(ibanCountries, " "+iban[:2]+" ") {
		return errors.New("the IBAN begins with no known country code")
	}
	remainder := 0
	rotated := iban[4:] + iban[:4]
	for i := range len(rotated) {
		switch c := rotated[i]; {
		case '0' <= c && c <= '9':
			remainder = (remainder*10 + int(c-'0')) % 97
		case 'A' <= c && c <= 'Z':
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		default:
			return fmt.Errorf("the IBAN holds %q, expected capital letters and digits", c)
		}
	}
	if remainder != 1 {
		return errors.New("the IBAN's check number is wrong")
	}
	return nil
}
