package bank

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

	"auditor/internal/taler"
)

// Surroundings are what reading depends on besides the bank. The zero value stands for the real ones.
type Surroundings struct {
	Transport http.RoundTripper                          // nil: one of its own for each history
	Clock     func() time.Time                           // nil: time.Now
	Sleep     func(context.Context, time.Duration) error // nil: waits, or until the context ends
	Random    func() float64                             // nil: evenly from 0 up to 1; scatters the waits
	Timeout   time.Duration                              // for one request with its whole answer; 0: a minute
}

// A GatewayAccount says how to reach one direction of an account at a wire gateway.
type GatewayAccount struct {
	URL            string // base URL of the account, with '/' at the end, without credentials
	Direction      Direction
	Currency       taler.Currency
	Username       string // for basic authentication; may be empty
	Password       string // for basic authentication
	Token          string // for bearer authentication; empty: none
	PageSize       int    // records per request, 0: [DefaultPage]; at most [MaxPage]
	IgnoreNotFound bool   // an account that the bank does not know yet has an empty history
}

// gateway is the History that a wire gateway tells.
type gateway struct {
	account GatewayAccount
	url     string // of the history
	client  *http.Client
	around  Surroundings
}

// NewGateway returns the history of an account at a wire gateway. Nothing is sent yet.
//
// Pages are asked for until one is empty: a bank may send fewer records than were asked for although there
// are more. Long polling is not used. A page is checked as a whole before its first record is handed out. A
// request that fails for a reason that may pass is repeated, up to five times in all, after growing and
// scattered waits, or as long as the server asks. Redirections are followed on the same server only. A proxy
// is used if the environment names one (HTTPS_PROXY, NO_PROXY).
func NewGateway(account GatewayAccount, around Surroundings) History {
	if account.PageSize <= 0 {
		account.PageSize = DefaultPage
	}
	account.PageSize = min(account.PageSize, MaxPage)
	around = around.complete()
	return &gateway{
		account: account,
		url:     account.URL + "history/" + account.Direction.String(),
		client:  &http.Client{Transport: around.Transport, CheckRedirect: sameServer},
		around:  around,
	}
}

// Records implements History.
func (g *gateway) Records(ctx context.Context, after int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		defer g.client.CloseIdleConnections()
		border, count := after, int64(0)
		for page := 1; ; page++ {
			records, err := g.page(ctx, page, border, count)
			if err != nil {
				yield(Record{}, err)
				return
			}
			if len(records) == 0 {
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
			border = records[len(records)-1].Row
			count += int64(len(records))
		}
	}
}

// page gets one page, with as many attempts as it takes.
func (g *gateway) page(ctx context.Context, number int, border, count int64) ([]Record, error) {
	for attempt := 1; ; attempt++ {
		records, err := g.attempt(ctx, border, count)
		if err == nil {
			return records, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err = g.explain(err, number, attempt)
		wait, again := g.wait(err, attempt)
		if !again {
			return nil, err
		}
		if err := g.around.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// attempt sends one request and reads the answer.
func (g *gateway) attempt(ctx context.Context, border, count int64) ([]Record, error) {
	ctx, cancel := context.WithTimeout(ctx, g.around.Timeout)
	defer cancel()
	request, err := g.request(ctx, border)
	if err != nil {
		return nil, err
	}
	response, err := g.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNoContent:
		return nil, nil
	case response.StatusCode == http.StatusNotFound && g.account.IgnoreNotFound && border == 0:
		return nil, nil
	case response.StatusCode != http.StatusOK:
		return nil, g.refused(response)
	}
	return g.decode(newMeter(response.Body, int64(g.account.PageSize+1)*maxRecordSize), border, count)
}

func (g *gateway) request(ctx context.Context, border int64) (*http.Request, error) {
	query := "?delta=" + strconv.Itoa(g.account.PageSize)
	if border > 0 {
		query += "&start=" + strconv.FormatInt(border, 10)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+query, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if g.account.Token != "" {
		request.Header.Set("Authorization", "Bearer "+g.account.Token)
	} else if g.account.Username != "" {
		request.SetBasicAuth(g.account.Username, g.account.Password)
	}
	return request, nil
}

// decode reads a page to its end.
func (g *gateway) decode(m *meter, border, count int64) ([]Record, error) {
	var records []Record
	a := newAnswer(m, false, g.account.Direction, g.account.Currency)
	order := newOrder(border)
	order.count = count
	account, err := a.read(func(r Record) error {
		if len(records) == g.account.PageSize {
			return &Violation{Rule: RuleExcess, Want: "at most " + strconv.Itoa(g.account.PageSize) + " records, as asked for",
				Hint: "the bank does not obey the parameter delta; ask it"}
		}
		if v := order.next(r.Row); v != nil {
			return v
		}
		records = append(records, r)
		return nil
	})
	if v, ok := errors.AsType[*Violation](err); ok {
		a.at(v)
	}
	for i := range records {
		complete(&records[i], account)
	}
	return records, err
}
