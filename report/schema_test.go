package report

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"auditor/internal/taler"
)

type schemaNode struct {
	Title       string                 `json:"title"`
	Description string                 `json:"description"`
	Ref         string                 `json:"$ref"`
	Type        string                 `json:"type"`
	Additional  *bool                  `json:"additionalProperties"`
	Required    []string               `json:"required"`
	Properties  map[string]*schemaNode `json:"properties"`
	Items       *schemaNode            `json:"items"`
	Enum        []string               `json:"enum"`
	Const       string                 `json:"const"`
	Defs        map[string]*schemaNode `json:"$defs"`
}

func parseSchema(t *testing.T) *schemaNode {
	var root schemaNode
	if err := json.Unmarshal([]byte(Schema), &root); err != nil {
		t.Fatal(err)
	}
	return &root
}

// TestSchemaHasTheFieldsOfTheTypes walks the Go types and the schema together.
func TestSchemaHasTheFieldsOfTheTypes(t *testing.T) {
	root := parseSchema(t)
	if root.Ref != "#/$defs/Report" || root.Title == "" || root.Description == "" {
		t.Error("the root does not describe a report")
	}
	used := map[string]bool{}
	compareType(t, root, reflect.TypeFor[Report](), &schemaNode{Ref: root.Ref}, used)
	for name, node := range root.Defs {
		if !used[name] {
			t.Errorf("definition %s is not used", name)
		}
		if node.Title == "" || node.Description == "" {
			t.Errorf("definition %s lacks a title or a description", name)
		}
	}
}

func compareType(t *testing.T, root *schemaNode, typ reflect.Type, node *schemaNode, used map[string]bool) {
	name, referred := strings.CutPrefix(node.Ref, "#/$defs/")
	if referred {
		node = root.Defs[name]
		if node == nil {
			t.Fatalf("%s refers to %s, which does not exist", typ, name)
		}
	}
	switch typ {
	case reflect.TypeFor[time.Time]():
		sameText(t, typ, name, "Time")
		used[name] = true
		return
	case reflect.TypeFor[taler.Amount]():
		sameText(t, typ, name, "Amount")
		used[name] = true
		return
	case reflect.TypeFor[taler.EddsaPublicKey]():
		sameText(t, typ, node.Type, "string")
		return
	}
	switch typ.Kind() {
	case reflect.Pointer:
		if referred {
			node = &schemaNode{Ref: "#/$defs/" + name}
		}
		compareType(t, root, typ.Elem(), node, used)
	case reflect.Struct:
		sameText(t, typ, name, typ.Name())
		if !used[name] {
			used[name] = true
			compareStruct(t, root, typ, node, used)
		}
	case reflect.Slice:
		sameText(t, typ, node.Type, "array")
		compareType(t, root, typ.Elem(), node.Items, used)
	case reflect.String:
		if referred {
			used[name] = true
		}
		if node.Enum == nil && node.Const == "" {
			sameText(t, typ, node.Type, "string")
		}
		if want := constantsOf(t, typ.Name()); !slices.Equal(node.Enum, want) {
			t.Errorf("%s may be %q, the schema says %q", typ, want, node.Enum)
		}
	case reflect.Bool:
		sameText(t, typ, node.Type, "boolean")
	case reflect.Int, reflect.Int64:
		sameText(t, typ, node.Type, "integer")
	default:
		t.Errorf("%s is not known to this test", typ)
	}
}

func compareStruct(t *testing.T, root *schemaNode, typ reflect.Type, node *schemaNode, used map[string]bool) {
	if node.Additional == nil || *node.Additional {
		t.Errorf("%s may have additional fields", typ)
	}
	sameText(t, typ, node.Type, "object")
	var names, required []string
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
		if options != "omitempty" {
			required = append(required, name)
		}
		property := node.Properties[name]
		if property == nil {
			t.Errorf("the schema lacks %s.%s", typ, name)
			continue
		}
		if property.Title == "" || property.Description == "" {
			t.Errorf("%s.%s lacks a title or a description", typ, name)
		}
		compareType(t, root, field.Type, property, used)
	}
	for name := range node.Properties {
		if !slices.Contains(names, name) {
			t.Errorf("%s has no field %s", typ, name)
		}
	}
	if !slices.Equal(node.Required, required) {
		t.Errorf("%s requires %q, the schema %q", typ, required, node.Required)
	}
}

func sameText(t *testing.T, typ reflect.Type, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("the schema has %q for %s, want %q", got, typ, want)
	}
}

// constantsOf lists the string constants of a type of this package.
func constantsOf(t *testing.T, typ string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "report.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typ {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	return values
}

func TestSchemaNamesTheFormat(t *testing.T) {
	if got := parseSchema(t).Defs["Report"].Properties["format"].Const; got != Format {
		t.Errorf("the schema is of %q, the reports are of %q", got, Format)
	}
}
