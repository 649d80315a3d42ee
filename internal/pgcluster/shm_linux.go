package pgcluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// freeSharedMemory removes the System V segment of a server that was killed. PostgreSQL notes it in the lock file
// of the data folder and would remove it at its next start there, which a cluster does not live to see; the few
// bytes are no loss, but computers allow only some thousand segments.
func freeSharedMemory(data string) {
	key, id, ok := sharedMemory(data)
	if !ok {
		return
	}
	for range 20 {
		var segment unix.SysvShmDesc
		if _, err := unix.SysvShmCtl(id, unix.IPC_STAT, &segment); err != nil || uint32(segment.Perm.Key) != key {
			return
		}
		if segment.Nattch == 0 {
			_, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
			return
		}
		time.Sleep(50 * time.Millisecond) // the server's children are about to notice its end
	}
}

// sharedMemory reads key and id of the segment from the seventh line of the lock file, if there are any.
func sharedMemory(data string) (key uint32, id int, ok bool) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, 0, false
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 7 {
		return 0, 0, false
	}
	n, _ := fmt.Sscan(lines[6], &key, &id)
	return key, id, n == 2
}
