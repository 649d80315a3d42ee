package archive

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
	"auditor/internal/taler"
	"auditor/report"
)

// A Note is the checkpoint of the log of an exchange's reports, after the newest of
// them. Its text is that of c2sp.org/tlog-checkpoint:
//
//	taler-exchange-audit/MASTER_PUB
//	3
//	ROOT
//	report SHA256
//	table deposits 1234 ROOT
//
// The third line is the root of the RFC 6962 Merkle tree whose records are the
// SHA-256 digests of reports 1 to 3. Below it are the digest of report 3, hexadecimal,
// and for each table of the trusted copy the number of rows and the root.
type Note struct {
	MasterPub taler.EddsaPublicKey
	Size      int64
	Root      tlog.Hash
	Report    [32]byte
	Tables    []report.CopiedTable
}

const origin = "taler-exchange-audit/"

// Text returns the text of the note.
func (n *Note) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n%d\n%s\nreport %x\n", origin, n.MasterPub, n.Size, base64Text(n.Root[:]), n.Report)
	for _, t := range n.Tables {
		fmt.Fprintf(&b, "table %s %d %s\n", t.Table, t.Rows, t.Root)
	}
	return b.String()
}

var tableLine = regexp.MustCompile(`^table ([a-z][a-z0-9_]{0,62}) ([1-9][0-9]{0,18}) ([A-Za-z0-9+/]{43}=)$`)

// ParseNote reads the text of a note, and accepts nothing but what [Note.Text]
// writes.
func ParseNote(text string) (*Note, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 5 || lines[len(lines)-1] != "" {
		return nil, errors.New("the note is cut off")
	}
	var n Note
	master, ok := strings.CutPrefix(lines[0], origin)
	if err := n.MasterPub.UnmarshalText([]byte(master)); !ok || err != nil {
		return nil, errors.New("the first line of the note names no exchange")
	}
	var err error
	if n.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || n.Size < 1 {
		return nil, errors.New("the second line of the note is no number of reports")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(n.Root[:], root) != len(n.Root) {
		return nil, errors.New("the third line of the note is no root")
	}
	digest, ok := strings.CutPrefix(lines[3], "report ")
	sum, err := hex.DecodeString(digest)
	if !ok || err != nil || copy(n.Report[:], sum) != len(n.Report) {
		return nil, errors.New("the fourth line of the note is no digest of a report")
	}
	for _, line := range lines[4 : len(lines)-1] {
		m := tableLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("the line %.100q of the note is not about a table", line)
		}
		rows, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the line %.100q of the note has an impossible number", line)
		}
		n.Tables = append(n.Tables, report.CopiedTable{Table: m[1], Rows: rows, Root: m[3]})
	}
	if n.Text() != text {
		return nil, errors.New("the note is not written as such notes are")
	}
	return &n, nil
}

// Sign returns the signed form of the note. Without a key it bears no signature.
func (n *Note) Sign(key *Key) (string, error) {
	text := n.Text()
	if _, err := ParseNote(text); err != nil {
		return "", err
	}
	var signers []note.Signer
	if key != nil {
		signers = append(signers, key.signer)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	return string(signed), err
}

// SignedNote is a note with what is known of its signatures.
type SignedNote struct {
	*Note
	By      []string // names of the known keys that signed it
	Unknown []string // names on signatures by keys that are not known, which prove nothing
}

// OpenNote reads a note in its signed form. A signature by one of the known keys
// that is wrong is an error.
func OpenNote(signed string, known note.Verifiers) (*SignedNote, error) {
	if text, ok := strings.CutSuffix(signed, "\n\n"); ok && !strings.Contains(signed, "\n\n— ") {
		n, err := ParseNote(text + "\n")
		return &SignedNote{Note: n}, err
	}
	opened, err := note.Open([]byte(signed), known)
	var unverified *note.UnverifiedNoteError
	var wrong *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified):
		opened = unverified.Note
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("the signature of %s+%08x on the note is wrong", wrong.Name, wrong.Hash)
	case err != nil:
		return nil, errors.New("the note is malformed")
	}
	n, err := ParseNote(opened.Text)
	if err != nil {
		return nil, err
	}
	s := &SignedNote{Note: n}
	for _, sig := range opened.Sigs {
		s.By = append(s.By, sig.Name)
	}
	for _, sig := range opened.UnverifiedSigs {
		s.Unknown = append(s.Unknown, sig.Name)
	}
	return s, nil
}

// A Log is the Merkle tree over the reports of an exchange, from the first on.
type Log struct {
	size int64
	tree evidence.Tree
}

// Add appends the digest of a report.
func (l *Log) Add(digest [32]byte) {
	l.tree.Append(tlog.RecordHash(digest[:]))
	l.size++
}

// Note returns the note about the report that was added last.
func (l *Log) Note(master taler.EddsaPublicKey, digest [32]byte, checkpoint *report.Checkpoint) *Note {
	n := &Note{MasterPub: master, Size: l.size, Root: l.tree.Root(), Report: digest}
	if checkpoint != nil {
		n.Tables = checkpoint.Tables
	}
	return n
}
