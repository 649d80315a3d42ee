package fakebank

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strconv"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

// query is what a request asks for.
type query struct {
	delta, start int64
	started      bool // whether start was given
}

func parseQuery(values url.Values) (q query, ok bool) {
	delta, err := strconv.ParseInt(values.Get("delta"), 10, 64)
	if err != nil || delta == 0 {
		return q, false
	}
	q.delta = delta
	if text := values.Get("start"); text != "" {
		if q.start, err = strconv.ParseInt(text, 10, 64); err != nil || q.start < 0 {
			return q, false
		}
		q.started = true
	}
	return q, true
}

// page returns what is asked for: with a positive delta what follows start, ascending; with a negative one what is
// before it, descending. It costs what it returns.
func (b *Bank) page(q query, records []bank.Record) (page []bank.Record) {
	i, step, left := above(records, q.start), 1, q.delta
	if q.delta < 0 {
		i, step, left = len(records)-1, -1, -q.delta
		if q.started {
			i = above(records, q.start-1) - 1
		}
	}
	for ; i >= 0 && i < len(records) && left > 0; i += step {
		if b.shows(records[i]) {
			page = append(page, records[i])
			left--
		}
	}
	return page
}

// above is the position of the first record with a larger row.
func above(records []bank.Record, row int64) int {
	return sort.Search(len(records), func(i int) bool { return records[i].Row > row })
}

// answer writes a page.
func (b *Bank) answer(w http.ResponseWriter, r *http.Request, fault Fault, direction, payto string, page []bank.Record) {
	if len(page) == 0 && b.form == Later {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	list := make([]map[string]any, 0, len(page))
	for _, record := range page {
		list = append(list, b.element(record))
	}
	answer := map[string]any{direction + "_transactions": list}
	if b.form == Later {
		own := "credit_account"
		if direction == bank.Outgoing.String() {
			own = "debit_account"
		}
		answer[own] = payto
	}
	body, err := json.Marshal(answer)
	if err != nil {
		refuse(w, http.StatusInternalServerError, 1, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fault.spoilBody(w, r, body)
}

// element is a record as the gateway shows it.
func (b *Bank) element(r bank.Record) map[string]any {
	e := map[string]any{"row_id": r.Row, "amount": r.Amount, "debit_account": r.DebitAccount, "credit_account": r.CreditAccount}
	if b.form == Early {
		e["date"] = map[string]uint64{"t_ms": uint64(r.Date) / 1000}
	} else {
		e["date"] = map[string]uint64{"t_s": uint64(r.Date) / 1_000_000}
	}
	if r.Direction == bank.Outgoing {
		e["wtid"], e["exchange_base_url"] = r.WTID, r.URL
		if b.form == Later {
			delete(e, "debit_account")
		}
		return e
	}
	if b.form == Early {
		e["reserve_pub"] = r.ReservePub
		return e
	}
	delete(e, "credit_account")
	if !r.Fee.IsZero() {
		e["credit_fee"] = r.Fee
	}
	switch r.Kind {
	case bank.ToReserve:
		e["type"], e["reserve_pub"] = "RESERVE", r.ReservePub
	case bank.KYCAuth:
		e["type"], e["account_pub"] = "KYCAUTH", r.ReservePub
	case bank.Wad:
		e["type"], e["wad_id"], e["origin_exchange_url"] = "WAD", taler.EncodeBase32(r.WadID[:]), r.URL
	}
	return e
}

func refuse(w http.ResponseWriter, status, code int, hint string) {
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(map[string]any{"code": code, "hint": hint})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}
