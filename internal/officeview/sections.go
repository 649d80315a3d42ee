package officeview

import (
	"strings"

	"auditor/internal/office"
	"auditor/report"
)

// section is a table of a report: the query offices/PREFIX_ID.sql, and what its columns are.
type section struct {
	id, title, note string
	columns         string // "name:kind …", in the order of the query
}

const untimed = "Refunds, melts and fresh coins have no time: all of them are counted, whatever the period."

// ofExchange lists what each office is told about an exchange.
var ofExchange = map[office.Role][]section{
	office.Auditor: {
		{"days", "Use of money, day by day", "", "day:day withdrawals:count withdrawn:amount deposits:count spent:amount recoups:count"},
		{"hours", "Use of money, by the hour of the day", "", "hour:hour withdrawals:count deposits:count"},
		{"uses", "How money is used", untimed, "use:text count:count amount:amount fees:amount"},
		{"denominations", "Use of each denomination", untimed, "value:text withdrawals:count fresh_coins:count deposits:count spent:amount melts:count refunds:count"},
		{"transfers", "What merchants were paid, day by day", "", "day:day transfers:count accounts:count paid:amount"},
		{"merchants", "Merchants' accounts", "All deposits at each account that was paid in the period.",
			"account:text deposits:count spent:amount refunds:count refunded:amount first:day last:day"},
	},
	office.Treasurer: {
		{"totals", "Coins in all", "Whatever the period.", "coins:count issued:amount spent:amount recouped:amount unspent:amount"},
		{"days", "Money that came in and went out, day by day", "", "day:day credited:amount returned:amount paid:amount recouped:amount"},
		{"denominations", "Denominations", "Those that customers could hold in the period, with all that was ever issued and retired.",
			"key:text value:text valid_from:day state:text coins:count issued:amount spent:amount recouped:amount unspent:amount"},
		{"fees", "Fees of denominations", "And how often they were set so.",
			"value:text withdraw:text deposit:text refresh:text refund:text times:count first:day last:day"},
		{"wire_fees", "Fees for transfers and closings", "", "wire_method:text start_date:day end_date:day wire_fee:amount closing_fee:amount"},
		{"sign_keys", "Keys with which the exchange signs", "", "key:text valid_from:day expire_sign:day expire_legal:day state:text"},
		{"revocations", "Revocations", "They have no time.", "what:text key:text"},
	},
	office.Performance: {
		{"days", "Operations, day by day", "", "day:day operations:count withdrawals:count deposits:count transfers:count"},
		{"hours", "Operations, by the hour of the day", "", "hour:hour operations:count"},
		{"rates", "Operations of each sort", "Refunds and melts have no time: all of them are counted, whatever the period.", "operation:text operations:count busiest_minute:count"},
		{"lags", "How late deposits were paid", "From the time that they were due, by the month of the payment; negative where the exchange paid early.",
			"month:text deposits:count median:seconds p90:seconds p99:seconds longest:seconds"},
		{"replication", "Replication, day by day", "", "day:day passes:count unfinished:count rows:count median:seconds longest:seconds"},
		{"tables", "The copy of each table now", "", "table_name:text state:text highest:count open_holes:count given_up_holes:count changed:time"},
	},
}

// Tables that more than one office is shown of an event log.
var (
	services       = section{"services", "Use of services", "", "service:text events:count users:count processed:count first:time last:time"}
	dailyTotals    = section{"daily_totals", "Events of each service, day by day", "", "day:day service:text events:count"}
	origins        = section{"origins", "Where events came from", "", "address:text events:count users:count first:time last:time"}
	ofUser         = section{"user", "Events of the user, the newest first", "", "time:time service:text address:text processed:count status:text nanoseconds:count event:text detail:text"}
	administration = section{"administration", "Administrative actions, the newest first", "", "time:time service:text user:text address:text processed:count status:text event:text detail:text"}
	statuses       = section{"statuses", "Responses", "", "status:text events:count"}
	technical      = section{"technical", "Execution times", "A record holds up to 65,535 ns, which stand for that or more; capped counts these.",
		"service:text events:count median:nanoseconds p90:nanoseconds p99:nanoseconds longest:nanoseconds capped:count"}
)

// ofEvents are the tables of each office's report on an event log. Each is filled by the
// script in sql/offices that is named after it; ofUser is there if a user is asked for.
var ofEvents = map[office.Role][]section{
	office.Auditor: {
		{"days", "Chronology, day by day", "", "day:day events:count users:count processed:count"},
		{"hours", "Chronology, by the hour of the day", "", "hour:hour events:count processed:count"},
		services,
		dailyTotals,
		origins,
		{"users", "What users did", "", "user:text events:count services:count processed:count first:time last:time"},
		ofUser,
		administration,
		statuses,
		technical,
	},
	office.Treasurer: {
		{"creation", "Creation and deletion, day by day", "Other administrative actions are counted.", "day:day created:count deleted:count other_actions:count"},
		administration,
		{"administrators", "Who created, deleted and administrated", "", "user:text actions:count created:count deleted:count first:time last:time"},
		services,
		origins,
		statuses,
		technical,
		ofUser,
	},
	office.Performance: {
		{"load", "Events, day by day", "", "day:day events:count busiest_second:count median:nanoseconds p99:nanoseconds"},
		{"load_hours", "Events, by the hour of the day", "", "hour:hour events:count median:nanoseconds"},
		{"rates", "Rates", "From the first to the last event of each service.", "service:text events:count mean_rate:rate busiest_second:count busiest_minute:count"},
		technical,
		dailyTotals,
		{"sources", "Where events came from", "", "address:text events:count median:nanoseconds first:time last:time"},
		statuses,
	},
}

// parse takes the columns apart.
func (s section) parse() []report.OfficeColumn {
	var list []report.OfficeColumn
	for _, text := range strings.Fields(s.columns) {
		name, kind, _ := strings.Cut(text, ":")
		list = append(list, report.OfficeColumn{Name: name, Kind: report.OfficeKind(kind)})
	}
	return list
}
