package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"auditor/internal/taler"
)

// wireFields are the 23 fields of the area of bank transfers.
type wireFields struct {
	WireOut        []wireOutgoing     `json:"wire_out_amount_inconsistencies"`
	WireOutPlus    taler.Amount       `json:"total_wire_out_delta_plus"`
	WireOutMinus   taler.Amount       `json:"total_wire_out_delta_minus"`
	Incoming       []wireIncoming     `json:"reserve_in_amount_inconsistencies"`
	IncomingPlus   taler.Amount       `json:"total_wire_in_delta_plus"`
	IncomingMinus  taler.Amount       `json:"total_wire_in_delta_minus"`
	Misattributed  []wireMisattribute `json:"missattribution_in_inconsistencies"`
	TotalMisattrib taler.Amount       `json:"total_missattribution_in"`
	Rows           []wireRow          `json:"row_inconsistencies"`
	MinorRows      []wireMinorRow     `json:"row_minor_inconsistencies"`
	TotalFormat    taler.Amount       `json:"total_wire_format_amount"`
	Format         []wireFormat       `json:"wire_format_inconsistencies"`
	TotalLag       taler.Amount       `json:"total_amount_lag"`
	Lag            []wireLag          `json:"lag_details"`
	TotalClosing   taler.Amount       `json:"total_closure_amount_lag"`
	ClosingLag     []wireClosingLag   `json:"reserve_lag_details"`
	Started        talerTime          `json:"wire_auditor_start_time"`
	Finished       talerTime          `json:"wire_auditor_end_time"`
	StartClosings  int64              `json:"start_pp_reserve_close_uuid"`
	EndClosings    int64              `json:"end_pp_reserve_close_uuid"`
	StartDeadlines talerTime          `json:"start_pp_last_timestamp"`
	EndDeadlines   talerTime          `json:"end_pp_last_timestamp"`
	Accounts       []wireAccount      `json:"account_progress"`
}

type wireOutgoing struct {
	Row        int64        `json:"row"` // 0 if there is none
	Wired      taler.Amount `json:"amount_wired"`
	Justified  taler.Amount `json:"amount_justified"`
	WTID       string       `json:"wtid"`
	Timestamp  talerTime    `json:"timestamp"`
	Diagnostic string       `json:"diagnostic"`
	Section    string       `json:"account_section"`
	Target     string       `json:"target,omitempty"`
}

type wireIncoming struct {
	Row        int64        `json:"row"`
	Expected   taler.Amount `json:"amount_exchange_expected"`
	Wired      taler.Amount `json:"amount_wired"`
	Reserve    string       `json:"reserve_pub"`
	Timestamp  talerTime    `json:"timestamp"`
	Account    string       `json:"account,omitempty"`
	BankRow    int64        `json:"bank_row,omitempty"`
	Diagnostic string       `json:"diagnostic"`
}

type wireMisattribute struct {
	Amount  taler.Amount `json:"amount"`
	Row     int64        `json:"row"`
	BankRow int64        `json:"bank_row"`
	Reserve string       `json:"reserve_pub"`
}

// wireRow has a subject always, as readers print it.
type wireRow struct {
	Table      string `json:"table"`
	Row        int64  `json:"row"`
	Subject    string `json:"wire_offset_hash"`
	Diagnostic string `json:"diagnostic"`
}

type wireMinorRow struct {
	Table      string `json:"table"`
	Row        int64  `json:"row"`
	BankRow    int64  `json:"bank_row,omitempty"`
	Diagnostic string `json:"diagnostic"`
}

type wireFormat struct {
	Amount     taler.Amount `json:"amount"`
	BankRow    int64        `json:"wire_offset"`
	Diagnostic string       `json:"diagnostic"`
}

type wireLag struct {
	Row         int64        `json:"row"`
	Amount      taler.Amount `json:"amount"`
	Deadline    talerTime    `json:"deadline"`
	Coin        string       `json:"coin_pub"`
	Account     any          `json:"account"`
	ClaimedDone string       `json:"claimed_done,omitempty"`

	due time.Time
}

type wireClosingLag struct {
	Row      int64        `json:"row"`
	Amount   taler.Amount `json:"amount"`
	Deadline talerTime    `json:"deadline"`
	WTID     string       `json:"wtid"`
	Account  string       `json:"account"`
}

type wireAccount struct {
	Account       string `json:"account"`
	StartCredits  int64  `json:"start_reserve_in"`
	EndCredits    int64  `json:"end_reserve_in"`
	StartWireOuts int64  `json:"start_wire_out"`
	EndWireOuts   int64  `json:"end_wire_out"`
}

const wireArea = "wire"

// wireForm sorts the findings of the area into the lists, and the deposits that were
// not paid in time, which the earlier auditor told here. All that is due is looked at
// in every run, so the period of deadlines always begins at the beginning of time; and
// tables are read as a whole, so the progress of all accounts is the same.
func wireForm(r *Report) *wireFields {
	zero := taler.Zero(r.Exchange.Currency)
	o := &wireFields{
		WireOut: []wireOutgoing{}, Incoming: []wireIncoming{}, Misattributed: []wireMisattribute{}, Rows: []wireRow{}, MinorRows: []wireMinorRow{},
		Format: []wireFormat{}, Lag: []wireLag{}, ClosingLag: []wireClosingLag{}, Accounts: []wireAccount{},
		Started: talerTimeOf(r.Started), Finished: talerTimeOf(r.Finished),
		StartDeadlines: talerTimeOf(time.Unix(0, 0)), EndDeadlines: talerTimeOf(r.AsOf),
	}
	otherIn, otherOut := []taler.Amount{}, []taler.Amount{} // parts of totals that no check has as its own
	var told []talerRow
	enlist(r, []string{wireArea, aggregationArea}, wireTells, &told, func(f *Finding) bool {
		e := evidence{finding: f}
		if !o.add(&e, zero) || e.broken {
			return false
		}
		switch f.Check {
		case "W-05":
			otherIn = append(otherIn, e.amount("amount at the bank"))
		case "W-11":
			otherOut = append(otherOut, e.amount("amount"))
		}
		return true
	})
	slices.SortStableFunc(o.Lag, func(a, b wireLag) int { return cmp.Or(b.due.Compare(a.due), cmp.Compare(b.Row, a.Row)) })
	t := talerTotals{r, &told}
	of := func(part func(Totals) taler.Amount, ids ...string) []taler.Amount {
		var amounts []taler.Amount
		for _, id := range ids {
			amounts = append(amounts, part(t.check(id)))
		}
		return amounts
	}
	for _, total := range []struct {
		into  *taler.Amount
		name  string
		parts []taler.Amount
	}{
		{&o.WireOutPlus, "total_wire_out_delta_plus", of(lossOf, "W-11", "W-12", "W-14")},
		{&o.WireOutMinus, "total_wire_out_delta_minus", append(of(gainOf, "W-10", "W-12"), otherOut...)},
		{&o.IncomingPlus, "total_wire_in_delta_plus", append(of(gainOf, "W-04", "W-06"), otherIn...)},
		{&o.IncomingMinus, "total_wire_in_delta_minus", of(lossOf, "W-03", "W-05", "W-06")},
		{&o.TotalMisattrib, "total_missattribution_in", of(exposureOf, "W-07")},
		{&o.TotalFormat, "total_wire_format_amount", of(lossOf, "W-09")},
		{&o.TotalLag, "total_amount_lag", of(exposureOf, "W-17")},
		{&o.TotalClosing, "total_closure_amount_lag", of(exposureOf, "W-16")},
	} {
		*total.into = t.add(total.name, total.parts...)
	}
	for _, line := range told {
		o.Rows = append(o.Rows, wireRow{Table: line.Table, Row: line.Row, Diagnostic: line.Diagnostic})
	}
	o.StartClosings, o.EndClosings = progress(r, wireArea, "reserves_close")
	for _, section := range r.Scope.Accounts {
		a := wireAccount{Account: section}
		a.StartCredits, a.EndCredits = progress(r, wireArea, "reserves_in")
		a.StartWireOuts, a.EndWireOuts = progress(r, wireArea, "wire_out")
		o.Accounts = append(o.Accounts, a)
	}
	return o
}

// wireTells tells whether the form of the area tells of a check.
func wireTells(area, check string) bool {
	return area == wireArea || area == aggregationArea && check == "W-17"
}

// add puts a finding into its list and tells whether there is one.
func (o *wireFields) add(e *evidence, zero taler.Amount) bool {
	f := e.finding
	switch f.Check {
	case "W-03", "W-04", "W-05", "W-06":
		o.addIncoming(e, zero)
	case "W-10", "W-11", "W-12", "W-14":
		o.addOutgoing(e, zero)
	case "W-07":
		if m := (wireMisattribute{e.amount("amount"), row(f), e.integer("bank row"), f.Lookup("reserve_pub")}); !e.broken {
			o.Misattributed = append(o.Misattributed, m)
		}
	case "W-08":
		if n := e.integer("bank row"); !e.broken {
			o.MinorRows = append(o.MinorRows, wireMinorRow{f.Table, row(f), n, "execution date mismatch"})
		}
	case "W-13", "W-15":
		ours, _ := e.time("execution_date")
		theirs, _ := e.time("date at the bank")
		if !e.broken {
			table := f.Table
			if f.Check == "W-15" {
				table = "reserves_closures"
			}
			o.MinorRows = append(o.MinorRows, wireMinorRow{Table: table, Row: row(f), Diagnostic: fmt.Sprintf("execution date mismatch (%v)", theirs.Sub(ours).Abs())})
		}
	case "W-09":
		if w := (wireFormat{e.amount("amount at the bank"), row(f), "duplicate subject hash " + f.Lookup("wtid")}); !e.broken {
			o.Format = append(o.Format, w)
		}
	case "W-16":
		if l := (wireClosingLag{row(f), e.amount("amount"), e.date("execution_date"), f.Lookup("wtid"), f.Lookup("account")}); !e.broken {
			o.ClosingLag = append(o.ClosingLag, l)
		}
	case "W-17":
		due, deadline := e.time("wire_deadline")
		l := wireLag{row(f), e.amount("amount"), deadline, f.Lookup("coin_pub"), account(f.Lookup("wire")), f.Lookup("claimed_done"), due}
		if !e.broken {
			o.Lag = append(o.Lag, l)
		}
	default:
		return false
	}
	return true
}

func (o *wireFields) addIncoming(e *evidence, zero taler.Amount) {
	f := e.finding
	ours := wireIncoming{Row: row(f), Wired: zero, Reserve: f.Lookup("reserve_pub")}
	theirs := wireIncoming{Row: row(f), Expected: zero, Reserve: f.Lookup("reserve_pub at the bank")}
	if f.Check == "W-04" {
		theirs.Wired, theirs.Timestamp, theirs.BankRow = e.amount("amount at the bank"), e.date("date at the bank"), row(f)
		theirs.Row, theirs.Account, theirs.Diagnostic = noRow, f.Subject, "incoming wire transfer not claimed by exchange"
		if !e.broken {
			o.Incoming = append(o.Incoming, theirs)
		}
		return
	}
	ours.Expected, ours.Timestamp = e.amount("amount"), e.date("execution_date")
	if f.Check == "W-03" {
		ours.Account, ours.Diagnostic = f.Lookup("account_section"), "incoming wire transfer claimed by exchange not found"
		if !e.broken {
			o.Incoming = append(o.Incoming, ours)
		}
		return
	}
	ours.BankRow, theirs.BankRow = e.integer("bank row"), e.integer("bank row")
	theirs.Wired, theirs.Timestamp = e.amount("amount at the bank"), ours.Timestamp
	switch {
	case e.broken:
	case f.Check == "W-05":
		ours.Diagnostic, theirs.Diagnostic = "wire subject does not match", "wire subject does not match"
		o.Incoming = append(o.Incoming, ours, theirs)
	default:
		ours.Wired, ours.Diagnostic = theirs.Wired, "wire amount does not match"
		o.Incoming = append(o.Incoming, ours)
	}
}

func (o *wireFields) addOutgoing(e *evidence, zero taler.Amount) {
	f := e.finding
	w := wireOutgoing{Row: row(f), Wired: zero, Justified: zero, WTID: f.Lookup("wtid"), Section: first(f, "account_section", "account_section at the bank")}
	if f.Check == "W-14" {
		w.Row, w.Wired, w.Timestamp, w.Diagnostic = 0, e.amount("amount at the bank"), e.date("date at the bank"), "justification for wire transfer not found"
		if !e.broken {
			o.WireOut = append(o.WireOut, w)
		}
		return
	}
	w.Timestamp = e.date("execution_date")
	justified, wired := e.amount("amount"), zero
	if f.Check != "W-10" {
		wired = e.amount("amount at the bank")
	}
	switch {
	case e.broken:
	case f.Check == "W-10":
		w.Justified, w.Diagnostic = justified, "wire transfer not made (yet?)"
		o.WireOut = append(o.WireOut, w)
	case f.Check == "W-12":
		w.Wired, w.Justified, w.Diagnostic = wired, justified, "wire amount does not match"
		o.WireOut = append(o.WireOut, w)
	default:
		w.Diagnostic = "receiver account mismatch"
		ours, theirs := w, w
		ours.Wired, ours.Target = wired, f.Lookup("account")
		theirs.Justified, theirs.Target = justified, f.Lookup("account at the bank")
		o.WireOut = append(o.WireOut, ours, theirs)
	}
}
