package bank

import (
	"context"
	"errors"
	"iter"

	"auditor/internal/taler"
)

// jsonFiles is the History that saved answers of a wire gateway hold, one answer per file.
type jsonFiles struct {
	names     []string
	direction Direction
	currency  taler.Currency
}

// errStopped says that whoever reads a history has enough.
var errStopped = errors.New("stopped")

// Records implements History.
func (f *jsonFiles) Records(ctx context.Context, after int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		order := newOrder(0)
		for _, name := range f.names {
			err := f.file(ctx, name, order, func(r Record) error {
				if r.Row > after && !yield(r, nil) {
					return errStopped
				}
				return nil
			})
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(Record{}, located(name, err))
				return
			}
		}
	}
}

// file checks a file, and then hands out its records.
func (f *jsonFiles) file(ctx context.Context, name string, order *order, each func(Record) error) error {
	file, err := openFile(name)
	if err != nil {
		return err
	}
	defer file.Close()
	account := ""
	for _, final := range []bool{false, true} {
		m, err := content(file, 2*maxRecordSize)
		if err != nil {
			return err
		}
		a := newAnswer(m, true, f.direction, f.currency)
		before := *order
		beside, err := a.read(func(r Record) error {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			if v := order.next(r.Row); v != nil {
				return v
			}
			if !final {
				return nil
			}
			complete(&r, account)
			return each(r)
		})
		if v, ok := errors.AsType[*Violation](err); ok {
			a.at(v)
		}
		if err != nil {
			return err
		}
		if account = beside; !final {
			*order = before
		}
	}
	return nil
}
