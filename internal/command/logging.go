package command

import (
	"io"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"
)

// timeFormat is ISO 8601 in UTC to the millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z"

func logFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log-level", Aliases: []string{"L"}, Value: "info",
			Usage: "log what is at least as important as `LEVEL`: debug, info, warning or error"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "log in `FORMAT`: text or json"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "log warnings and errors only, show no progress"},
	}
}

// configureLog makes the logger that the flags ask for. The flags belong to the app, so that all of its
// commands see them.
func (s *session) configureLog(c *cli.Context) error {
	level, ok := levels()[strings.ToLower(c.String("log-level"))]
	if !ok {
		return Usagef(c, "unknown log level %q, choose debug, info, warning or error", c.String("log-level"))
	}
	format := c.String("log-format")
	if format != "text" && format != "json" {
		return Usagef(c, "unknown log format %q, choose text or json", format)
	}
	if c.Bool("quiet") {
		if c.IsSet("log-level") && level < slog.LevelWarn {
			return Usagef(c, "--quiet contradicts --log-level=%s, remove one of them", c.String("log-level"))
		}
		level = max(level, slog.LevelWarn)
		s.progress.stop()
	}
	s.json = format == "json"
	s.log = slog.New(logHandler(s.progress, format, level))
	return nil
}

func levels() map[string]slog.Level {
	return map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo,
		"warn": slog.LevelWarn, "warning": slog.LevelWarn, "error": slog.LevelError,
	}
}

// logHandler writes one line per record, with times in UTC and without anything that is not printable.
func logHandler(w io.Writer, format string, level slog.Level) slog.Handler {
	if format == "json" {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: safeInJSON})
	}
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: inUTC})
}

func inUTC(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		return slog.String(a.Key, a.Value.Time().UTC().Format(timeFormat))
	}
	return a
}

// safeInJSON escapes what JSON need not escape but a terminal may obey.
func safeInJSON(groups []string, a slog.Attr) slog.Attr {
	isASCII := func(r rune) bool { return r < 0x7f }
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, escape(v, isASCII))
	case error:
		return slog.String(a.Key, escape(v.Error(), isASCII))
	}
	return inUTC(groups, a)
}
