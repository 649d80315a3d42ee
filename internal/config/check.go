package config

import (
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
	if !gateway && a.EnableCredit && !has("history_incoming") {
		l.add(account.path, "nothing tells what was paid to this account, add wire_gateway_url or history_incoming")
	}
	if !gateway && a.EnableDebit && !has("history_outgoing") {
		l.add(account.path, "nothing tells what was paid from this account, add wire_gateway_url or history_outgoing")
	}
	if !l.broken[account.key("auth_method").String()] {
		l.checkLogin(account, a.AuthMethod)
	}
}

func (l *loader) checkLogin(account section, method string) {
	has := func(key string) bool { return l.has(account.key(key)) }
	auth := account.key("auth_method")

	if method != AuthNone && !has("wire_gateway_url") {
		l.add(auth, "there is no wire gateway to log in to, add wire_gateway_url or remove the line")
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

// has reports whether the file holds a key, be its value right or wrong.
func (l *loader) has(path toml.Key) bool {
	_, found := l.written[path.String()]
	return found
}
