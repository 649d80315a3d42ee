package sync

import (
	"context"
	"log/slog"
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 30 * time.Second
)

// An outage is a time during which a database is out of reach. Pauses between
// tries double up to lastPause, each shortened at random by up to half, so that
// many replications do not knock at a server that restarts all at once. The log
// tells the beginning and the end; tries in between are for debugging.
type outage struct {
	pause time.Duration // before the next try, without jitter; 0 = no outage
}

// wait pauses after a try that ended in err.
func (o *outage) wait(ctx context.Context, opt *Options, err error) error {
	level := slog.LevelDebug
	if o.pause == 0 {
		level = slog.LevelWarn
		o.pause = firstPause
	}
	pause := o.pause - time.Duration(opt.Random()*float64(o.pause/2))
	opt.Logger.Log(ctx, level, "database out of reach, trying again until it is back", "error", err, "pause", pause.Round(time.Millisecond))
	o.pause = min(2*o.pause, lastPause)
	return opt.Sleep(ctx, pause)
}

// over notes that a pass was completed or that rows were copied.
func (o *outage) over(ctx context.Context, opt *Options) {
	if o.pause > 0 {
		opt.Logger.InfoContext(ctx, "databases are back, replication goes on")
	}
	o.pause = 0
}
