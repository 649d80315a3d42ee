package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
)

// writeArray writes a file with a JSON array between two texts, element by element,
// so that long ones need no memory.
func writeArray[T any](name, before, after string, elements iter.Seq[T]) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	err = encodeArray(w, before, after, elements)
	return errors.Join(err, w.Flush(), file.Close())
}

func encodeArray[T any](w io.Writer, before, after string, elements iter.Seq[T]) error {
	separator := before + "[\n"
	for element := range elements {
		text, err := json.MarshalIndent(element, " ", " ")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, separator+" "+string(text)); err != nil {
			return err
		}
		separator = ",\n"
	}
	if separator != ",\n" {
		after = before + "[" + "]" + after
	} else {
		after = "\n]" + after
	}
	_, err := io.WriteString(w, after+"\n")
	return err
}
