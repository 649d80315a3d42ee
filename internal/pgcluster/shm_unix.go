//go:build unix && !linux

package pgcluster

// freeSharedMemory leaves the few bytes of System V shared memory of a killed server alone.
func freeSharedMemory(string) {}
