//go:build unix && !linux

package pgtest

// inMemory leaves the cluster in the folder for temporary files.
func inMemory() string { return "" }
