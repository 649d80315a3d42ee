package exchange_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/exchange"
)

func TestRegistryIsConsistent(t *testing.T) {
	for _, l := range exchange.Layouts() {
		for i, table := range l.Tables {
			if l.Table(table.Name) != table {
				t.Errorf("%s is listed twice", table.Name)
			}
			for _, c := range table.Columns {
				if got := table.Column(c.Name); got == nil || *got != c {
					t.Errorf("%s.%s is listed twice", table.Name, c.Name)
				}
				if c.Type.OID() == 0 {
					t.Errorf("%s.%s has no type", table.Name, c.Name)
				}
				if want := typeOf(c.Role); want != 0 && c.Type != want {
					t.Errorf("%s.%s has role %d and type %s", table.Name, c.Name, c.Role, c.Type)
				}
				if (c.Role == exchange.Serial) != (c.Name == table.Serial) {
					t.Errorf("%s: serial is %q, but %s has role %d", table.Name, table.Serial, c.Name, c.Role)
				}
				if c.Mutable && (c.Role == exchange.Serial || slices.Contains(table.PrimaryKey, c.Name)) {
					t.Errorf("%s.%s identifies the row and is mutable", table.Name, c.Name)
				}
			}
			for _, name := range slices.Concat(append(table.Unique, table.PrimaryKey)...) {
				if table.Column(name) == nil {
					t.Errorf("a key of %s names %q, which it does not have", table.Name, name)
				}
			}
			for _, fk := range table.ForeignKeys {
				parent := l.Table(fk.Table)
				if parent == nil || parent.Column(fk.References) == nil || table.Column(fk.Column) == nil {
					t.Errorf("%s has the foreign key %+v between columns that do not exist", table.Name, fk)
				} else if table.Replicated && !parent.Replicated {
					t.Errorf("%s is replicated and refers to %s, which is not", table.Name, fk.Table)
				}
			}
			for _, c := range table.Columns {
				if got := referenced(table, c.Name); got != (c.Role == exchange.Reference) && c.Role != exchange.Transfer {
					t.Errorf("%s.%s: foreign key %v, role %d", table.Name, c.Name, got, c.Role)
				}
			}
			if table.Replicated && (table.Serial == "" || table.Mutable) {
				t.Errorf("%s (%d) is replicated without being an append-only table with a serial", table.Name, i)
			}
		}
	}
}

func referenced(t *exchange.Table, column string) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(fk exchange.ForeignKey) bool { return fk.Column == column })
}

func typeOf(r exchange.Role) exchange.Type {
	switch r {
	case exchange.Serial, exchange.Reference, exchange.AmountValue, exchange.Time:
		return exchange.BigInt
	case exchange.AmountFraction, exchange.Index:
		return exchange.Integer
	case exchange.Key, exchange.Hash, exchange.Signature, exchange.Secret, exchange.Transfer, exchange.Blob:
		return exchange.Bytea
	case exchange.Flag:
		return exchange.Boolean
	}
	return 0
}

func TestLayout2021Amounts(t *testing.T) {
	for _, table := range exchange.Layout2021().Tables {
		for _, c := range table.Columns {
			if c.Role != exchange.AmountValue {
				continue
			}
			fraction := table.Column(c.Name[:len(c.Name)-len("val")] + "frac")
			if fraction == nil || fraction.Role != exchange.AmountFraction {
				t.Errorf("%s.%s has no fraction", table.Name, c.Name)
			}
		}
	}
}

func TestLayout2021WhatIsReplicatedAndMutable(t *testing.T) {
	var apart, mutable []string
	l := exchange.Layout2021()
	for _, table := range l.Tables {
		if !table.Replicated {
			apart = append(apart, table.Name)
			continue
		}
		for _, c := range table.Columns {
			if c.Mutable {
				mutable = append(mutable, table.Name+"."+c.Name)
			}
		}
	}
	if want := []string{"prewire", "wire_accounts"}; !slices.Equal(apart, want) {
		t.Errorf("not replicated: %q, want %q", apart, want)
	}
	want := []string{
		"auditors.auditor_name", "auditors.auditor_url", "auditors.is_active", "auditors.last_change",
		"reserves.current_balance_val", "reserves.current_balance_frac", "reserves.expiration_date", "reserves.gc_date",
		"deposits.tiny", "deposits.done",
	}
	if !slices.Equal(mutable, want) {
		t.Errorf("mutable columns: %q, want %q", mutable, want)
	}
	if got := len(l.Tables); got != 23 {
		t.Errorf("%d tables, want 23", got)
	}
}

// The order that was published for replication is one of those that the foreign
// keys allow, and ours agrees with it.
func TestReplicatedAgreesWithPublishedOrder(t *testing.T) {
	published := []string{
		"exchange_sign_keys", "signkey_revocations", "auditors", "denominations", "denomination_revocations",
		"auditor_denom_sigs", "reserves", "reserves_out", "reserves_in", "reserves_close", "known_coins", "deposits",
		"refunds", "refresh_commitments", "refresh_transfer_keys", "refresh_revealed_coins", "recoup_refresh", "recoup",
	}
	var got []string
	for _, table := range exchange.Layout2021().Replicated() {
		if slices.Contains(published, table.Name) {
			got = append(got, table.Name)
		}
	}
	if !slices.Equal(got, published) {
		t.Errorf("order is\n%q, want\n%q", got, published)
	}
}

func TestReplicatedPutsParentsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := exchange.Layout2021()
		l.Tables = rapid.Permutation(l.Tables).Draw(t, "tables")
		place := map[string]int{}
		for i, table := range l.Replicated() {
			place[table.Name] = i + 1
		}
		if len(place) != 21 {
			t.Fatalf("%d tables, want 21", len(place))
		}
		for _, table := range l.Tables {
			for _, fk := range table.ForeignKeys {
				if place[fk.Table] > place[table.Name] {
					t.Fatalf("%s comes before its parent %s", table.Name, fk.Table)
				}
			}
		}
	})
}

func TestReplicatedRefusesCircles(t *testing.T) {
	l := exchange.Layout2021()
	parent := l.Table("denominations")
	parent.ForeignKeys = append(parent.ForeignKeys, exchange.ForeignKey{Column: "denominations_serial", Table: "recoup", References: "recoup_uuid"})
	defer func() {
		if recover() == nil {
			t.Error("tables that refer to each other in a circle were put in order")
		}
	}()
	l.Replicated()
}

func TestLayoutsAreTheCallersOwn(t *testing.T) {
	exchange.Layout2021().Table("deposits").Columns[0].Name = "changed"
	if exchange.Layout2021().Table("deposits").Column("deposit_serial_id") == nil {
		t.Error("a change of one copy of the layout shows in the next")
	}
}
