package command

import (
	"runtime/debug"
	"strings"
)

// Version describes the program for --version: the version that the linker set, if not empty, else the one of
// the module, with the revision of the source and the compiler where they are known.
func Version(set string) string {
	info, _ := debug.ReadBuildInfo()
	return describe(set, info)
}

// revisionLength is how much of a revision is shown, in characters.
const revisionLength = 12

func describe(set string, info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	version := set
	if version == "" {
		version = info.Main.Version
	}
	if version == "" || version == "(devel)" {
		version = "unreleased"
	}
	var details []string
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		revision = revision[:min(revisionLength, len(revision))]
		if settings["vcs.modified"] == "true" {
			revision += " with changes"
		}
		details = append(details, "revision "+revision)
	}
	if info.GoVersion != "" {
		details = append(details, info.GoVersion)
	}
	if len(details) > 0 {
		version += " (" + strings.Join(details, ", ") + ")"
	}
	return version
}
