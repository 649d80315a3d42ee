package bank

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
)

// camtFiles is the History that statements in the format ISO 20022 camt.053 hold. docs/bank.md says what the
// format can tell and what it cannot.
type camtFiles struct {
	names   []string
	account FilesAccount
	number  string // IBAN or other number of the account, as statements name it
}

func newCamtFiles(names []string, account FilesAccount) (*camtFiles, error) {
	number := accountNumber(account.PaytoURI)
	if number == "" {
		return nil, &FileError{File: names[0], Hint: "is a statement, which cannot be told to be of account " + quote(account.PaytoURI) + "; correct payto_uri"}
	}
	return &camtFiles{names: names, account: account, number: number}, nil
}

// accountNumber is the last part of a payto URI, in the form in which numbers are compared.
func accountNumber(payto string) string {
	path, _, _ := strings.Cut(payto, "?")
	return plainNumber(path[strings.LastIndexByte(path, '/')+1:])
}

func plainNumber(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// Records implements History.
func (f *camtFiles) Records(ctx context.Context, after int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		err := f.read(ctx, func(r Record) bool {
			return r.Direction != f.account.Direction || r.Row <= after || yield(r, nil)
		}, nil)
		if err != nil {
			yield(Record{}, err)
		}
	}
}

// Statements implements StatementReader.
func (f *camtFiles) Statements(ctx context.Context) iter.Seq2[Statement, error] {
	return func(yield func(Statement, error) bool) {
		if err := f.read(ctx, nil, func(s Statement) bool { return yield(s, nil) }); err != nil {
			yield(Statement{}, err)
		}
	}
}

// read checks each file and then hands out what it holds, until a callback has enough.
func (f *camtFiles) read(ctx context.Context, record func(Record) bool, statement func(Statement) bool) error {
	course := newCourse()
	for _, name := range f.names {
		for _, final := range []bool{false, true} {
			r := &camtReader{ctx: ctx, files: f, name: name, course: course}
			if final {
				r.record, r.statement = record, statement
			} else {
				r.course = course.clone()
			}
			switch err := r.file(); {
			case errors.Is(err, errStopped):
				return nil
			case err != nil:
				return located(name, err)
			}
		}
	}
	return nil
}

// camtReader reads one file.
type camtReader struct {
	ctx       context.Context
	files     *camtFiles
	name      string
	course    *course
	record    func(Record) bool    // may be nil
	statement func(Statement) bool // may be nil
	meter     *meter
	raw       *xml.Decoder // knows the place in the file
	depth     int
	decoder   *xml.Decoder
	index     int // of the entry, from 1
}

func (r *camtReader) file() error {
	file, err := openFile(r.name)
	if err != nil {
		return err
	}
	defer file.Close()
	if r.meter, err = content(file, maxEntrySize); err != nil {
		return err
	}
	r.raw = xml.NewDecoder(r.meter)
	r.decoder = xml.NewTokenDecoder(r)
	err = r.document()
	if v, ok := errors.AsType[*Violation](err); ok && v.Index == 0 {
		v.Index = r.index
	}
	return err
}

// Token gives the next token of the file to the decoder, which knows no bound on depth, and no danger in
// declarations of entities.
func (r *camtReader) Token() (xml.Token, error) {
	token, err := r.raw.RawToken()
	if err != nil {
		return nil, err
	}
	switch token.(type) {
	case xml.Directive:
		return nil, &Violation{Rule: RuleForm, Have: "a declaration like <!DOCTYPE", Want: "none in a statement", Hint: hintStatement}
	case xml.StartElement:
		if r.depth++; r.depth > maxDepth {
			return nil, &Violation{Rule: RuleSize, Want: "XML nested at most " + strconv.Itoa(maxDepth) + " deep", Hint: hintStatement}
		}
	case xml.EndElement:
		r.depth--
	}
	return token, nil
}

const hintStatement = "get the statement in the format camt.053 from the bank again"

// broken explains why no token or element can be had.
func (r *camtReader) broken(err error) error {
	line, column := r.raw.InputPos()
	place := "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
	if v, ok := errors.AsType[*Violation](err); ok {
		return v
	}
	syntax, isSyntax := errors.AsType[*xml.SyntaxError](err)
	switch {
	case r.meter.err != nil:
		return r.meter.err
	case errors.Is(err, errTooLarge):
		return &Violation{Rule: RuleSize, Want: "entries of at most " + strconv.Itoa(maxEntrySize) + " bytes", Err: err, Hint: hintStatement}
	case errors.Is(err, io.EOF), isSyntax && syntax.Msg == "unexpected EOF":
		return &Violation{Rule: RuleSyntax, Want: "more, but it ends there", Err: io.ErrUnexpectedEOF, Hint: "it was cut off; get it again"}
	}
	return &Violation{Rule: RuleSyntax, Want: "XML in UTF-8", Err: err, Hint: place + " is something else (" + quote(err.Error()) + "); " + hintStatement}
}

// children calls each for every element within the one that was begun. each has to read the element to its end.
func (r *camtReader) children(each func(start xml.StartElement) error) error {
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return r.broken(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := each(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (r *camtReader) skip() error {
	if err := r.decoder.Skip(); err != nil {
		return r.broken(err)
	}
	return nil
}

func (r *camtReader) element(into any, start xml.StartElement) error {
	if err := r.decoder.DecodeElement(into, &start); err != nil {
		return r.broken(err)
	}
	return nil
}

// document reads Document/BkToCstmrStmt and the statements in it.
func (r *camtReader) document() error {
	const space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
	start, err := r.root()
	if err != nil {
		return err
	}
	if start.Name.Local != "Document" || !strings.HasPrefix(start.Name.Space, space) {
		return &Violation{Rule: RuleForm, Have: quote(start.Name.Space + " " + start.Name.Local), Want: "a Document of " + space + "NN",
			Hint: "reports during the day (camt.052) and notifications (camt.054) are no statements; get camt.053 from the bank"}
	}
	ours := 0
	err = r.children(func(start xml.StartElement) error {
		if start.Name.Local != "BkToCstmrStmt" {
			return r.skip()
		}
		return r.children(func(start xml.StartElement) error {
			r.meter.mark()
			if start.Name.Local != "Stmt" {
				return r.skip()
			}
			mine, err := r.readStatement()
			if mine {
				ours++
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	if ours == 0 {
		return &Violation{Rule: RuleAccount, Want: "a statement of account " + quote(r.files.number), Hint: "the file is about other accounts; remove it, or correct payto_uri"}
	}
	for {
		if _, err := r.decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return r.broken(err)
		}
	}
}

func (r *camtReader) root() (xml.StartElement, error) {
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return xml.StartElement{}, r.broken(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}
