package bank

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"auditor/internal/taler"
)

// A FilesAccount says where one direction of an account is saved.
type FilesAccount struct {
	Files     []string // names, or patterns as of [filepath.Match]; in the order of time
	Direction Direction
	Currency  taler.Currency
	PaytoURI  string // of the account; statements of another one are refused
}

// OpenFiles returns the history that the files hold: answers of a wire gateway or statements in camt.053,
// which is told from their first character. What a pattern finds is sorted by name. The files are opened
// anew for each read, and read twice: nothing is handed out of a file before all of it was checked.
func OpenFiles(account FilesAccount) (History, error) {
	var names []string
	for _, pattern := range account.Files {
		found, err := expand(pattern)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	form := byte(0)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, &FileError{File: name, Hint: "is named twice; remove one of the two"}
		}
		first, err := firstCharacter(name)
		if err != nil {
			return nil, err
		}
		if form != 0 && form != first {
			return nil, &FileError{File: name, Hint: "is of another form than " + quote(names[0]) + "; give answers of a gateway or statements, not both"}
		}
		form = first
	}
	switch form {
	case 0:
		return nil, &FileError{File: account.Direction.String(), Hint: "has no files; name one"}
	case '<':
		return newCamtFiles(names, account)
	}
	return &jsonFiles{names: names, direction: account.Direction, currency: account.Currency}, nil
}

// expand returns the files that a name or pattern stands for. A file of exactly that name goes first.
func expand(pattern string) ([]string, error) {
	if _, err := os.Stat(pattern); err == nil || !strings.ContainsAny(pattern, `*?[`) {
		return []string{pattern}, nil
	}
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, &FileError{File: pattern, Hint: "is no valid pattern; write * for any characters", Err: err}
	}
	if len(found) == 0 {
		return nil, &FileError{File: pattern, Hint: "matches no file; save the bank's history there, or correct the pattern"}
	}
	slices.Sort(found)
	return found, nil
}

// firstCharacter tells the form of a file: '<' is XML, '{' is JSON.
func firstCharacter(name string) (byte, error) {
	file, err := openFile(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return 0, readError(name, err)
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte(byteOrderMark)), " \t\r\n")
	if len(head) == 0 || head[0] != '<' && head[0] != '{' {
		return 0, &FileError{File: name, Hint: "is neither an answer of a wire gateway (JSON) nor a statement in camt.053 (XML); save one of them there"}
	}
	return head[0], nil
}

// byteOrderMark may begin a file. It is no part of the text.
const byteOrderMark = "\xef\xbb\xbf"

func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &FileError{File: name, Hint: "is no regular file; name one"}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, readError(name, err)
	}
	return file, nil
}

func readError(name string, err error) *FileError {
	if detail, ok := errors.AsType[*os.PathError](err); ok {
		err = detail.Err
	}
	return &FileError{File: name, Hint: "cannot be read: " + err.Error() + "; save the bank's history there, or correct the name", Err: err}
}

// content returns a bounded reader of the file from its beginning, after a byte order mark.
func content(file *os.File, limit int64) (*meter, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, readError(file.Name(), err)
	}
	buffered := bufio.NewReaderSize(file, 64<<10)
	if head, err := buffered.Peek(len(byteOrderMark)); err == nil && string(head) == byteOrderMark {
		if _, err := buffered.Discard(len(byteOrderMark)); err != nil {
			return nil, readError(file.Name(), err)
		}
	}
	return newMeter(buffered, limit), nil
}

// located completes an error with the file that it is about. What is none of ours is the operating system's.
func located(name string, err error) error {
	if v, ok := errors.AsType[*Violation](err); ok {
		v.Source = name
		return v
	}
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return readError(name, err)
	}
	return err
}
