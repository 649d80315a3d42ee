// Package eventlog keeps the event log of a token network in the auditor's database: schema event_log.
//
// A database works for one office. What that office may not see is dropped while a file is read, before
// anything of it reaches the database, even a temporary table.
package eventlog

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/office"
)

// Schema is where the tables lie.
const Schema = "event_log"

// Tables lists them, without the partitions of events.
func Tables() []string { return []string{"node", "imports", "events", "event_details"} }

// Views lists the views that an office may have on the event log, in its own schema.
func Views() []string { return []string{"events", "event_details", "event_node"} }

// Node says for whom a database works.
type Node struct {
	Office         office.Role
	Administrative []uint16 // service commands that create, delete or administrate
}

func (n Node) administrative(service uint16) bool { return slices.Contains(n.Administrative, service) }

// OtherOfficeError says that a database works for another office.
type OtherOfficeError struct {
	Database     string
	Holds, Asked office.Role
}

func (e *OtherOfficeError) Error() string {
	return fmt.Sprintf("database %q holds the event log for the office %s, and [office] role is %s: give each office a database of its own", e.Database, e.Holds, e.Asked)
}

// ExitStatus is that of a database that cannot be used.
func (*OtherOfficeError) ExitStatus() int { return 2 }

// AdministrationError says that what is administrative now was kept before by an office that may not see it.
type AdministrationError struct {
	Database string
	Services []int32
}

func (e *AdministrationError) Error() string {
	return fmt.Sprintf("database %q holds events of the services %v, which [office] administrative_services keeps from the office performance: "+
		"they cannot be removed, so import the files into a new database", e.Database, e.Services)
}

// ExitStatus is that of a database that cannot be used.
func (*AdministrationError) ExitStatus() int { return 2 }

// enrol makes the database one of the node, and excludes other imports until the transaction ends.
func (n Node) enrol(ctx context.Context, tx pgx.Tx) error {
	services := make([]int32, len(n.Administrative))
	for i, s := range n.Administrative {
		services[i] = int32(s)
	}
	slices.Sort(services)
	_, err := tx.Exec(ctx, "insert into event_log.node (office, administrative_services) values ($1, $2) on conflict do nothing", n.Office, services)
	if err != nil {
		return err
	}
	database := tx.Conn().Config().Database
	var holds office.Role
	var before []int32
	if err := tx.QueryRow(ctx, "select office, administrative_services from event_log.node for update").Scan(&holds, &before); err != nil {
		return err
	}
	if holds != n.Office {
		return &OtherOfficeError{Database: database, Holds: holds, Asked: n.Office}
	}
	if slices.Equal(before, services) {
		return nil
	}
	if !n.Office.SeesAdministration() {
		rows, err := tx.Query(ctx, "select distinct service from event_log.events where service = any ($1) order by 1", services)
		if err != nil {
			return err
		}
		kept, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return err
		}
		if len(kept) > 0 {
			return &AdministrationError{Database: database, Services: kept}
		}
	}
	_, err = tx.Exec(ctx, "update event_log.node set administrative_services = $1", services)
	return err
}
