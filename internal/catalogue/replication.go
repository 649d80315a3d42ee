package catalogue

// replication are deeds that only auditor-sync can notice, since an audit sees one
// state of the database and trusts what it has judged before.
func replication() []Entry {
	return []Entry{
		{Name: "credit-deleted-after-the-audit", Area: AreaReplication, Culprit: Operator, When: Between, Refs: []string{"S5", "H-12"},
			Story: "A credit that was audited is deleted, to deny that the money ever came.",
			deed: func(d *deed) []Expectation {
				c := d.firstCredit()
				d.remove("reserves_in", c.serial)
				return about("S5", "reserves_in", c.serial)
			}},
		{Name: "credit-lowered-after-the-audit", Area: AreaReplication, Culprit: Operator, When: Between, Refs: []string{"S5", "H-12"},
			Story: "The amount of a credit that was audited is lowered.",
			deed: func(d *deed) []Expectation {
				c := d.firstCredit()
				d.update("reserves_in", c.serial, fields{"credit": d.money("0.01")})
				return about("S5", "reserves_in", c.serial)
			}},
		{Name: "withdrawal-moved-after-the-audit", Area: AreaReplication, Culprit: Operator, When: Between, Refs: []string{"S5", "H-12"},
			Story: "A withdrawal that was audited is moved to another reserve.",
			deed: func(d *deed) []Expectation {
				w := d.withdrawals[0]
				for _, r := range d.reserves {
					if r.pub != w.Reserve {
						d.update("reserves_out", w.Serial, fields{"reserve_uuid": r.serial})
						break
					}
				}
				return about("S5", "reserves_out", w.Serial)
			}},
		{Name: "withdrawal-charged-twice", Area: AreaReplication, Culprit: Operator, Refs: []string{"R-36", "S6", "S7", "H-20"},
			Story: "The operator drops the constraint that every envelope is unique, and books a withdrawal that the customer signed once a second time.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				r := d.newReserve("customer", d.money("20"), accomplice, d.ago(day))
				w := d.withdraw(r, c, withdrawal{})
				d.drop("reserves_out", "reserves_out_pkey")
				twin := d.copy("reserves_out", w, fields{})
				d.take(r, d.price(c))
				d.book(r, -steps(d.price(c)), steps(c.FeeWithdraw))
				return append(about("S6", "reserves_out", twin), lossOf("R-36", "reserves_out", twin, d.price(c)))
			}},
		{Name: "rows-taken-back", Area: AreaReplication, Culprit: Operator, When: Between, Refs: []string{"S8", "S5"},
			Story: "The exchange goes back to an older copy of its database: the latest withdrawals are gone.",
			deed: func(d *deed) []Expectation {
				last := d.withdrawals[len(d.withdrawals)-1]
				d.remove("reserves_out", last.Serial)
				return about("S8", "reserves_out", last.Serial)
			}},
		{Name: "constraint-dropped", Area: AreaReplication, Culprit: Operator, Refs: []string{"S7"},
			Story: "The operator drops the constraint that signatures have 64 bytes, so that rows can be written that an auditor's copy would refuse.",
			deed: func(d *deed) []Expectation {
				d.drop("reserves_out", "reserves_out_reserve_sig_check")
				return []Expectation{{Check: "S7", Table: "reserves_out"}}
			}},
		{Name: "credit-in-an-old-hole", Area: AreaReplication, Culprit: Operator, When: Between, Refs: []string{"S3", "H-12"},
			Story: "A row appears in a hole of the serials that is long past. The audit judges it all the same; replication asks why it comes so late.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("customer", accomplice, d.now())
				credit := d.credit(r, d.money("15"), accomplice, d.ago(day))
				hole := d.hole("reserves_in")
				d.update("reserves_in", credit, fields{"reserve_in_serial_id": hole})
				return about("S3", "reserves_in", hole)
			}},
	}
}

// hole is a serial that a sequence gave to nobody.
func (d *deed) hole(table string) int64 {
	var serial int64
	column := serialOf(table)
	d.read("select t."+column+" - 1 from "+d.table(table)+" as t where t."+column+" > 1 and not exists (select from "+d.table(table)+
		" as o where o."+column+" = t."+column+" - 1) order by 1 limit 1", nil, &serial)
	return serial
}
