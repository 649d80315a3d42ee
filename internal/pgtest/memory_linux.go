package pgtest

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	sharedMemory = "/dev/shm"
	// enoughMemory is far above what the databases take that the tests have at a time.
	enoughMemory = 4 << 30
)

// inMemory returns a folder in memory for the cluster, or nothing where there is none with room, or where TMPDIR
// says where to go. A database consists of some hundred files, and file systems on disks become slow at making
// files when thousands were removed in the last minute.
func inMemory() string {
	var fs unix.Statfs_t
	if os.Getenv("TMPDIR") != "" || unix.Statfs(sharedMemory, &fs) != nil || fs.Type != unix.TMPFS_MAGIC {
		return ""
	}
	if fs.Bavail*uint64(fs.Bsize) < enoughMemory || unix.Access(sharedMemory, unix.W_OK) != nil {
		return ""
	}
	return sharedMemory
}
