package officeview

import (
	"os"
	"testing"

	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
