package pgtest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Fill puts rows into every table of a schema, whatever tables it has: values that
// their types and constraints allow, row n of a table referring to row n of others.
// It is for tests of what must work with any data, such as upgrades. A table that
// allows fewer rows gets as many as it allows.
func Fill(ctx context.Context, conn *pgx.Conn, schema string, rows int) error {
	tables, err := fillable(ctx, conn, schema)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for len(done) < len(tables) {
		before := len(done)
		for _, t := range tables {
			if done[t.name] || !t.ready(tables, done) {
				continue
			}
			for n := 1; n <= rows; n++ {
				if err := t.insert(ctx, conn, n); err != nil {
					return err
				}
			}
			done[t.name] = true
		}
		if len(done) == before {
			return fmt.Errorf("the tables of schema %s refer to each other in a circle", schema)
		}
	}
	return nil
}

// table is one to be filled; names are quoted.
type table struct {
	name    string
	columns []fillColumn
	parents []string // what it refers to
	checks  []string // definitions
}

type fillColumn struct {
	name, kind        string
	parent, parentKey string // what it refers to, if anything
}

func fillable(ctx context.Context, conn *pgx.Conn, schema string) ([]*table, error) {
	// Columns that fill themselves are left out.
	rows, err := conn.Query(ctx, `select c.oid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, null),
			coalesce(f.confrelid::regclass::text, ''), coalesce(quote_ident(p.attname), '')
		from pg_class as c
		join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		left join pg_constraint as f on f.conrelid = c.oid and f.contype = 'f' and a.attnum = any (f.conkey)
		left join pg_attribute as p on p.attrelid = f.confrelid and p.attnum = f.confkey[array_position(f.conkey, a.attnum)]
		where c.relkind = 'r' and c.relnamespace::regnamespace::text = quote_ident($1)
			and a.attidentity = '' and a.attgenerated = ''
			and not exists (select from pg_attrdef as d where d.adrelid = c.oid and d.adnum = a.attnum and pg_get_expr(d.adbin, c.oid) ~ '^nextval')
		order by 1, a.attnum`, schema)
	if err != nil {
		return nil, err
	}
	var tables []*table
	var name string
	var c fillColumn
	_, err = pgx.ForEachRow(rows, []any{&name, &c.name, &c.kind, &c.parent, &c.parentKey}, func() error {
		if len(tables) == 0 || tables[len(tables)-1].name != name {
			tables = append(tables, &table{name: name})
		}
		t := tables[len(tables)-1]
		t.columns = append(t.columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		rows, err := conn.Query(ctx, "select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::text::regclass and contype = 'c'", t.name)
		if err != nil {
			return nil, err
		}
		if t.checks, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return nil, err
		}
		rows, err = conn.Query(ctx, "select confrelid::regclass::text from pg_constraint where conrelid = $1::text::regclass and contype = 'f'", t.name)
		if err != nil {
			return nil, err
		}
		if t.parents, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// ready says whether everything that the table refers to was filled.
func (t *table) ready(all []*table, done map[string]bool) bool {
	return !slices.ContainsFunc(t.parents, func(parent string) bool {
		known := slices.ContainsFunc(all, func(other *table) bool { return other.name == parent })
		return known && parent != t.name && !done[parent]
	})
}

func (t *table) insert(ctx context.Context, conn *pgx.Conn, n int) error {
	var names, values []string
	for _, c := range t.columns {
		value, err := t.value(c, n)
		if err != nil {
			return err
		}
		names, values = append(names, c.name), append(values, value)
	}
	statement := fmt.Sprintf("insert into %s (%s) values (%s) on conflict do nothing", t.name, strings.Join(names, ", "), strings.Join(values, ", "))
	if len(names) == 0 {
		statement = "insert into " + t.name + " default values"
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("filling %s: %w: %s", t.name, err, statement)
	}
	return nil
}

// value is an expression for the column in row n.
func (t *table) value(c fillColumn, n int) (string, error) {
	if c.parent != "" {
		return fmt.Sprintf("(select %s from %s order by 1 offset %d limit 1)", c.parentKey, c.parent, n-1), nil
	}
	switch c.kind {
	case "bigint", "integer", "smallint", "numeric":
		return strconv.Itoa(t.number(c, n)), nil
	case "boolean":
		return "true", nil
	case "text", "character varying":
		return t.text(c, n), nil
	case "bytea":
		return fmt.Sprintf("decode(repeat('%02x', %d), 'hex')", n, t.length(c, n)), nil
	case "timestamp with time zone":
		return fmt.Sprintf("timestamptz '2021-01-%02dT00:00:00Z'", n), nil
	case "jsonb", "int8multirange", "text[]", "bigint[]":
		return "'{}'", nil
	case "uuid":
		return fmt.Sprintf("lpad('%d', 32, '0')::uuid", n), nil
	}
	return "", fmt.Errorf("no value is known for %s.%s of type %s: add one to pgtest.Fill", t.name, c.name, c.kind)
}

// number is one above that of another column if a constraint demands more.
func (t *table) number(c fillColumn, n int) int {
	for _, check := range t.checks {
		if strings.Contains(check, "(("+c.name+" > ") && !regexp.MustCompile(`> '?\(?\d`).MatchString(check) {
			return n + 1
		}
	}
	return n
}

var literal = regexp.MustCompile(`'([^']+)'::text`)

// text is one of those that a constraint lists, if there is one.
func (t *table) text(c fillColumn, n int) string {
	for _, check := range t.checks {
		if strings.Contains(check, "(("+c.name+" = ANY") {
			return "'" + literal.FindStringSubmatch(check)[1] + "'"
		}
	}
	return fmt.Sprintf("'text %d'", n)
}

// length is the one that a constraint demands: a number, or one for each of what
// another column counts.
func (t *table) length(c fillColumn, n int) int {
	exact := regexp.MustCompile(`length\(` + regexp.QuoteMeta(c.name) + `\) = \(?(\d+)( \*)?`)
	for _, check := range t.checks {
		if m := exact.FindStringSubmatch(check); m != nil {
			length, _ := strconv.Atoi(m[1])
			if m[2] != "" {
				length *= n
			}
			return length
		}
	}
	return 16
}
