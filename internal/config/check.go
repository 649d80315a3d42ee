package config

import (
	"net/netip"
	"net/url"
	"slices"

	"github.com/BurntSushi/toml"

	"auditor/internal/taler"
)

// The rules that concern more than one key.

// checkRequired reports the keys that are missing from the sections that are needed, and from each account.
func (l *loader) checkRequired(need []Need) {
	keyGiven := slices.Contains(need, NeedExchangeExceptKey)
	if keyGiven {
		need = append(slices.Clip(need), NeedExchange)
	}
	for _, s := range l.config.sections() {
		if s.need != NeedAccounts && !slices.Contains(need, s.need) {
			continue
		}
		for _, k := range s.keys {
			excepted := keyGiven && s.need == NeedExchange && k.name == "master_public_key"
			if k.required && !excepted && !l.has(s.key(k.name)) {
				l.add(s.key(k.name), "missing, add to section [%s] a line like %s = %s", s.name(), k.name, k.example)
			}
		}
	}
	if slices.Contains(need, NeedAccounts) && len(l.config.Accounts) == 0 {
		l.add(toml.Key{accountsTable},
			"missing, add a section like [account.exchange-account-1] for each bank account of the exchange")
	}
}

// checkCurrencies demands that all amounts are in the currency of the exchange, and gives them its spelling.
func (l *loader) checkCurrencies() {
	currency := l.config.Exchange.Currency
	if currency == "" {
		return
	}
	amounts := []struct {
		key    toml.Key
		amount *taler.Amount
	}{
		{toml.Key{"exchange", "currency_round_unit"}, &l.config.Exchange.CurrencyRoundUnit},
		{toml.Key{"auditor", "tiny_amount"}, &l.config.Auditor.TinyAmount},
	}
	for _, a := range amounts {
		if a.amount.Currency == "" {
			continue
		}
		if !a.amount.Currency.Equal(currency) {
			l.add(a.key, "%s is not in the exchange's currency, give an amount in %s", a.amount, currency)
		}
		a.amount.Currency = currency
	}
}

// checkAccount demands that an account says where its history comes from, which half of it counts, and
// how to log in.
func (l *loader) checkAccount(a *Account) {
	account := section{path: toml.Key{accountsTable, a.Name}}
	has := func(key string) bool { return l.has(account.key(key)) }
	gateway := has("wire_gateway_url")

	if _, err := printable(a.Name); err != nil {
		l.add(account.path, "the account needs the name that the exchange's database records, rename the section")
	}
	if !has("enable_credit") && !has("enable_debit") {
		l.add(account.path, "neither enable_credit nor enable_debit is set, so nothing of this account would be audited; "+
			"add a line like enable_credit = true")
	}
	if gateway && (has("history_incoming") || has("history_outgoing")) {
		l.add(account.key("wire_gateway_url"), "the account has both a wire gateway and saved histories, remove one of them")
	}
	l.checkUnread(account.key("history_incoming"), account.key("enable_credit"), a.EnableCredit)
	l.checkUnread(account.key("history_outgoing"), account.key("enable_debit"), a.EnableDebit)
	if has("ignore_not_found") && !gateway {
		l.add(account.key("ignore_not_found"), "there is no wire gateway that could not find the account, remove the line")
	}
	if !gateway && a.EnableCredit && !has("history_incoming") {
		l.add(account.path, "nothing tells what was paid to this account, add wire_gateway_url or history_incoming")
	}
	if !gateway && a.EnableDebit && !has("history_outgoing") {
		l.add(account.path, "nothing tells what was paid from this account, add wire_gateway_url or history_outgoing")
	}
	if !l.broken[account.key("auth_method").String()] {
		l.checkLogin(account, a)
	}
}

// checkUnread refuses a saved history of a half of the account that does not count.
func (l *loader) checkUnread(history, enable toml.Key, enabled bool) {
	if l.has(history) && !enabled && !l.broken[enable.String()] {
		name := enable[len(enable)-1]
		l.add(history, "it would not be read, because %s is not true; add %s = true or remove the line", name, name)
	}
}

func (l *loader) checkLogin(account section, a *Account) {
	method := a.AuthMethod
	has := func(key string) bool { return l.has(account.key(key)) }
	auth := account.key("auth_method")

	if method != AuthNone && !has("wire_gateway_url") {
		l.add(auth, "there is no wire gateway to log in to, add wire_gateway_url or remove the line")
	}
	if method != AuthNone && sentInTheClear(a.WireGatewayURL) {
		l.add(account.key("wire_gateway_url"), "anybody on the way could read the password and change the history; write https, "+
			"or reach the gateway through a tunnel that ends on this computer")
	}
	if method == AuthBasic && !has("username") {
		l.add(auth, "%q needs a user name, add a line like username = \"auditor\"", method)
	}
	if method != AuthNone && !has("password_file") && !has("password_env") {
		l.add(auth, "%q needs a password, add password_file or password_env", method)
	}
	if has("password_file") && has("password_env") {
		l.add(account.key("password_file"), "the password has two sources, remove password_file or password_env")
	}
	for _, key := range []string{"username", "password_file", "password_env"} {
		used := method == AuthBasic || method == AuthBearer && key != "username"
		if !used && has(key) {
			l.add(account.key(key), "not used with auth_method = %q, remove the line or write auth_method = %q", method, AuthBasic)
		}
	}
}

// sentInTheClear reports whether requests leave this computer without TLS.
func sentInTheClear(gateway string) bool {
	u, err := url.Parse(gateway)
	if err != nil || u.Scheme != "http" {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() != "localhost" && (err != nil || !address.IsLoopback())
}

// checkAccountsApart refuses two sections for one account: each transfer would be audited twice. A gateway may
// know the account from its URL, from the user name, or from a token, which is not known here.
func (l *loader) checkAccountsApart() {
	for i, a := range l.config.Accounts {
		s, before := section{path: toml.Key{accountsTable, a.Name}}, l.config.Accounts[:i]
		if j := slices.IndexFunc(before, func(b Account) bool { return a.PaytoURI != "" && a.PaytoURI == b.PaytoURI }); j >= 0 {
			l.add(s.key("payto_uri"), "account %q has the same, correct one of them or remove a section", before[j].Name)
		}
		j := slices.IndexFunc(before, func(b Account) bool {
			return a.WireGatewayURL != "" && a.WireGatewayURL == b.WireGatewayURL && a.Username == b.Username && a.AuthMethod != AuthBearer
		})
		if j >= 0 {
			l.add(s.key("wire_gateway_url"), "account %q has the same with the same user name, correct one of them or remove a section", before[j].Name)
		}
	}
}

// has reports whether the file holds a key, be its value right or wrong.
func (l *loader) has(path toml.Key) bool {
	_, found := l.written[path.String()]
	return found
}
