package sync

import (
	"context"
	"fmt"
	"os"
	"testing"

	"auditor/internal/pgtest"
)

// A test may start this binary again as a replication that it can kill.
const (
	childSource      = "SYNC_TEST_SOURCE"
	childDestination = "SYNC_TEST_DESTINATION"
)

func TestMain(m *testing.M) {
	if source := os.Getenv(childSource); source != "" {
		os.Exit(child(source, os.Getenv(childDestination)))
	}
	os.Exit(pgtest.Main(m))
}

func child(source, destination string) int {
	_, err := Run(context.Background(), Options{
		Source: dial(source), Destination: dial(destination), BatchRows: 50, Idle: 1_000_000, // a millisecond
		Progress: func(Progress) { fmt.Println("batch") },
	})
	fmt.Fprintln(os.Stderr, err)
	return 1
}
