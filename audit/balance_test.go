package audit

import (
	"context"
	"fmt"

	"auditor/internal/pgtest"
)

// imbalances compares the auditor's books of denominations with those of coins: what
// is outstanding is what was issued, less what each coin was spent for.
const imbalances = `
	select d.denomination, d.outstanding::text, (d.issued * d.value - coalesce(c.spent, 0) + coalesce(c.returned, 0))::text, d.known, coalesce(c.known, 0)
	from auditor.denominations as d
	left join (
		select denomination, sum(spent) as spent, sum(returned) as returned, count(*) filter (where genuine and coin_pub is not null) as known
		from auditor.coins group by denomination
	) as c on c.denomination = d.denomination
	where d.outstanding <> d.issued * d.value - coalesce(c.spent, 0) + coalesce(c.returned, 0) or d.known <> coalesce(c.known, 0)
	order by d.denomination`

// unbalanced lists where the auditor's books contradict each other.
func (b *bench) unbalanced() []string {
	b.Helper()
	rows, err := pgtest.Connect(b, b.auditor).Query(context.Background(), imbalances)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var wrong []string
	for rows.Next() {
		var denomination, known, counted int64
		var outstanding, summed string
		if err := rows.Scan(&denomination, &outstanding, &summed, &known, &counted); err != nil {
			b.Fatal(err)
		}
		wrong = append(wrong, fmt.Sprintf("denomination %d: %s outstanding, but by its coins %s; %d known, but there are %d", denomination, outstanding, summed, known, counted))
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return wrong
}
