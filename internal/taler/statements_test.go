package taler

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// part is a run of bytes that a signed block has to hold.
type part []byte

func u32(v uint32) part   { return binary.BigEndian.AppendUint32(nil, v) }
func at(t Timestamp) part { return binary.BigEndian.AppendUint64(nil, uint64(t)) }
func eur(v uint64) part {
	b := binary.BigEndian.AppendUint64(nil, v)
	return append(b, 0, 0, 0, 7, 'E', 'U', 'R', 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// filled returns n bytes of value c.
func filled(n int, c byte) part { return bytes.Repeat([]byte{c}, n) }

// TestStatementLayout compares every structure with its layout written out: what
// follows what, the total size, and the purpose.
func TestStatementLayout(t *testing.T) {
	hash := func(c byte) Hash { return Hash(filled(64, c)) }
	key := func(c byte) EddsaPublicKey { return EddsaPublicKey(filled(32, c)) }
	money := func(v uint64) Amount { return Amount{"EUR", v, 7} }
	text := func(s string) part { h := HashOf([]byte(s), []byte{0}); return h[:] }
	plain := func(s string) part { h := HashOf([]byte(s)); return h[:] }
	account := func(uri string) part {
		return KDF(64, append([]byte(uri), 0), []byte("exchange-wire-signature"))
	}
	denom := DenominationValidity{key(1), 2, 3, 4, Forever, money(6), money(7), money(8), money(9), money(10), hash(11)}
	denomParts := []part{filled(32, 1), at(2), at(3), at(4), filled(8, 0xff), eur(6), eur(7), eur(8), eur(9), eur(10), filled(64, 11)}
	refund := RefundRequest{hash(1), key(2), key(3), 1 << 63, money(5)}
	refundParts := []part{filled(64, 1), filled(32, 2), filled(32, 3), at(1 << 63), eur(5)}
	record := func(c byte) []byte {
		return bytes.Join([][]byte{filled(64, c), at(2), filled(32, 3), eur(4), eur(5)}, nil)
	}
	records := append(record(1), record(2)...)
	if len(records) != 2*152 {
		t.Fatalf("two detail records have %d bytes, want 304", len(records))
	}

	for _, test := range []struct {
		s       Statement
		purpose Purpose
		size    int
		parts   []part
	}{
		{WithdrawRequest{key(1), money(2), hash(3), hash(4)}, 1200, 192,
			[]part{filled(32, 1), eur(2), filled(64, 3), filled(64, 4)}},
		{DepositRequest{hash(1), hash(2), hash(3), 4, 5, money(6), money(7), key(8), key(9)}, 1201, 328,
			[]part{filled(64, 1), filled(64, 2), filled(64, 3), at(4), at(5), eur(6), eur(7), filled(32, 8), filled(32, 9)}},
		{MeltRequest{hash(1), hash(2), money(3), money(4), key(5)}, 1202, 216,
			[]part{filled(64, 1), filled(64, 2), eur(3), eur(4), filled(32, 5)}},
		{RecoupRequest{key(1), hash(2), BlindingSecret(key(3))}, 1203, 136,
			[]part{filled(32, 1), filled(64, 2), filled(32, 3)}},
		{LinkData{hash(1), TransferPublicKey(key(2)), hash(3)}, 1204, 168,
			[]part{filled(64, 1), filled(32, 2), filled(64, 3)}},

		{denom, 1025, 256, denomParts},
		{AuditorDenominationValidity{"http://a/", denom}, 1064, 320, append([]part{text("http://a/")}, denomParts...)},
		{SignKeyValidity{1, 2, Forever, key(4)}, 1024, 64, []part{at(1), at(2), filled(8, 0xff), filled(32, 4)}},
		{DenominationRevocation{hash(1)}, 1029, 72, []part{filled(64, 1)}},
		{SignKeyRevocation{key(1)}, 1020, 40, []part{filled(32, 1)}},
		{WireFee{"iban", 1, 2, money(3), money(4)}, 1028, 136, []part{text("iban"), at(1), at(2), eur(3), eur(4)}},
		{WireAccount{"payto://x"}, 1030, 72, []part{account("payto://x")}},
		{AddWire{1, "payto://x"}, 1021, 80, []part{at(1), account("payto://x")}},
		{DelWire{1, "payto://x"}, 1023, 80, []part{at(1), account("payto://x")}},
		{AddAuditor{1, key(2), "http://a/"}, 1026, 112, []part{at(1), filled(32, 2), text("http://a/")}},
		{DelAuditor{1, key(2)}, 1027, 48, []part{at(1), filled(32, 2)}},

		{DepositConfirmation{hash(1), hash(2), 3, 4, money(5), key(6), key(7)}, 1033, 240,
			[]part{filled(64, 1), filled(64, 2), at(3), at(4), eur(5), filled(32, 6), filled(32, 7)}},
		{MeltConfirmation{hash(1), 2}, 1034, 76, []part{filled(64, 1), u32(2)}},
		{KeySet{1, hash(2)}, 1035, 80, []part{at(1), filled(64, 2)}},
		{WireConfirmation{hash(1), hash(2), WTID(key(3)), key(4), 5, money(6)}, 1036, 232,
			[]part{filled(64, 1), filled(64, 2), filled(32, 3), filled(32, 4), at(5), eur(6)}},
		{TransferDetails{money(1), money(2), key(3), hash(4), []TransferredDeposit{
			{hash(1), 2, key(3), money(4), money(5)}, {hash(2), 2, key(3), money(4), money(5)}}}, 1037, 216,
			[]part{eur(1), eur(2), filled(32, 3), filled(64, 4), plain(string(records))}},
		{RecoupConfirmation{1, money(2), key(3), key(4)}, 1039, 104, []part{at(1), eur(2), filled(32, 3), filled(32, 4)}},
		{RecoupRefreshConfirmation{1, money(2), key(3), key(4)}, 1041, 104, []part{at(1), eur(2), filled(32, 3), filled(32, 4)}},
		{ReserveClosed{1, money(2), money(3), key(4), "payto://x", WTID(key(6))}, 1040, 192,
			[]part{at(1), eur(2), eur(3), filled(32, 4), text("payto://x"), filled(32, 6)}},

		{refund, 1102, 168, refundParts},
		{RefundConfirmation(refund), 1038, 168, refundParts},
		{Contract{hash(1)}, 1101, 72, []part{filled(64, 1)}},
		{TrackTransaction{hash(1), hash(2), key(3), key(4)}, 1103, 200,
			[]part{filled(64, 1), filled(64, 2), filled(32, 3), filled(32, 4)}},
		{PaymentOK{hash(1)}, 1104, 72, []part{filled(64, 1)}},
		{PaySession{"order", "session"}, 1106, 136, []part{plain("order"), plain("session")}},
		{MerchantWire{hash(1)}, 1107, 72, []part{filled(64, 1)}},
		{RSAHelperKey{hash(1), "coin_eur_1", 3, 4 * time.Microsecond}, 1250, 152,
			[]part{filled(64, 1), text("coin_eur_1"), at(3), at(4)}},
		{EddsaHelperKey{key(1), 2, 3 * time.Microsecond}, 1251, 56, []part{filled(32, 1), at(2), at(3)}},
	} {
		want := append(u32(uint32(test.size)), u32(uint32(test.purpose))...)
		for _, p := range test.parts {
			want = append(want, p...)
		}
		if len(want) != test.size {
			t.Errorf("%T: the expected layout has %d bytes, want %d", test.s, len(want), test.size)
		}
		prefix := []byte("prefix")
		got, kept := bytes.CutPrefix(test.s.AppendSigned(prefix), prefix)
		if !kept || !bytes.Equal(got, want) {
			t.Errorf("%T:\n got %x\nwant %x", test.s, got, want)
		}
		if len(got) > maxSigned {
			t.Errorf("%T does not fit into the buffer of Verify", test.s)
		}
		checkSigning(t, test.s)
	}
}

// checkSigning signs a statement, and expects that a flipped bit anywhere spoils
// the signature.
func checkSigning(t *testing.T, s Statement) {
	t.Helper()
	signer, other := EddsaPrivateKey{1}, EddsaPrivateKey{2}
	sig := Sign(signer, s)
	if !Verify(signer.Public(), s, sig) {
		t.Errorf("%T: a good signature is refused", s)
	}
	if Verify(other.Public(), s, sig) {
		t.Errorf("%T: the signature of another key is accepted", s)
	}
	block := s.AppendSigned(nil)
	for i := range block {
		block[i] ^= 1 << (i % 8)
		if VerifyBytes(signer.Public(), block, sig) {
			t.Errorf("%T: a block changed at byte %d is accepted", s, i)
		}
		block[i] ^= 1 << (i % 8)
	}
}
