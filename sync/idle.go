package sync

import (
	"context"
	"time"
)

// Channel is the notification channel on which whoever writes into the source may
// announce news ("notify auditor_sync"), so that the next pass begins at once. On a
// physical standby there are no notifications; then the pause just ends by itself.
const Channel = "auditor_sync"

// leastPause is how long a pause is at least, however many notifications a source
// sends.
const leastPause = 100 * time.Millisecond

// listen subscribes to news. A server that cannot deliver any refuses, which does
// no harm.
func (s *session) listen(ctx context.Context) error {
	_, err := s.source.Exec(ctx, "listen "+Channel)
	if sqlState(err) != "" {
		s.Logger.DebugContext(ctx, "the source sends no notifications", "error", err)
		return nil
	}
	return databaseError(Source, s.source, "listen", err)
}

// rest pauses after a pass that found nothing, until there are news or for
// Options.Idle.
func (s *session) rest(ctx context.Context) error {
	began := s.Clock()
	waiting, wake := context.WithCancel(ctx)
	heard := make(chan bool, 1)
	go func() {
		err := s.source.PgConn().WaitForNotification(waiting)
		heard <- err == nil
		if err == nil {
			wake()
		}
	}()
	err := s.Sleep(waiting, s.Idle)
	wake()
	if <-heard && ctx.Err() == nil {
		if short := leastPause - s.Clock().Sub(began); short > 0 && short <= leastPause {
			return s.Sleep(ctx, short)
		}
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
