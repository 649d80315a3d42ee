// Package sql holds every piece of SQL that is longer than a line: the patches
// that build and upgrade our databases, and the queries of the programs.
//
// Patches lie in one folder per component and are named PREFIX-NNNN.sql, numbered
// from 0001 without a hole. Each runs in one transaction that the migrator opens
// and registers, so a script neither begins, commits nor registers itself. It
// names the schema of the tables as :"schema", the notation of psql; everything
// else is schema-qualified as it stands.
package sql

import (
	"embed"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Files are all scripts, by path below this folder, such as
// "exchange/exchange-0001.sql".
//
//go:embed *.sql */*.sql relations/*/*.sql
var Files embed.FS

// Text returns the script of that path. It panics if there is none, which is a
// misspelt name in the program.
func Text(path string) string {
	text, err := Files.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// InSchema puts the quoted name of a schema in place of each :"schema" of a
// script, and its quoted text in place of each :'schema'.
func InSchema(script, schema string) string {
	return strings.NewReplacer(
		`:"schema"`, pgx.Identifier{schema}.Sanitize(),
		`:'schema'`, quoteLiteral(schema),
	).Replace(script)
}

// quoteLiteral needs standard_conforming_strings, the default since PostgreSQL 9.1
// and the only setting that pgx supports in its simple protocol.
func quoteLiteral(s string) string {
	s = strings.ReplaceAll(s, "\x00", "")
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
