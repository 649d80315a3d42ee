package report

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser finds one, or skips the test; in continuous integration there must be one.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no browser: run .ci/ensure-browser")
	}
	t.Skip("no browser")
	return ""
}

// browse opens a page and returns what the browser prints.
func browse(t *testing.T, flags ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser(t), append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
		"--no-first-run", "--hide-scrollbars", "--user-data-dir=" + t.TempDir(),
	}, flags...)...)
	cmd.WaitDelay = 5 * time.Second
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, messages.String())
	}
	return out.String()
}

// site serves a page as it is and within a frame of some widths, whose measures the
// frame's parent writes down. It lists what was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

const measuring = `<!DOCTYPE html><body><pre id="measures"></pre><script>
const widths = [360, 768, 1280];
let left = widths.length;
for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 900; frame.src = "/report.html";
  frame.onload = () => {
    const d = frame.contentDocument, e = d.documentElement;
    document.getElementById("measures").textContent += "width " + width + " needs " + e.scrollWidth +
      " charts " + d.querySelectorAll("figure > svg").length + " findings " + d.querySelectorAll("article.finding").length +
      " scripts " + d.scripts.length + " images " + d.images.length + " verdict " + Math.round((d.getElementById("verdict") || d.body).getBoundingClientRect().height) + "\n";
  };
  document.body.append(frame);
}
</script>`

func serve(t *testing.T, page string) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/report.html":
			fmt.Fprint(w, page)
		case "/":
			fmt.Fprint(w, measuring)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestPagesInABrowser opens pages in a real browser: nothing of the text becomes an
// element, nothing is loaded, and nothing needs more width than there is, not even on
// a telephone. Text without spaces is the hardest.
func TestPagesInABrowser(t *testing.T) {
	hostile := hostileReport()
	hostile.Findings[0].Summary = `</p><script src="/attack.js"></script><img src="/attack.png"><link rel=stylesheet href="/attack.css">`
	for name, r := range map[string]*Report{"full": classified(), "hostile": hostile} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, writeHTML(t, r, pastOfFull()))
			dom := browse(t, "--virtual-time-budget=20000", "--dump-dom", s.URL+"/")
			measures := regexp.MustCompile(`width (\d+) needs (\d+) charts (\d+) findings (\d+) scripts (\d+) images (\d+) verdict (\d+)`).FindAllStringSubmatch(dom, -1)
			if len(measures) != 3 {
				t.Fatalf("got %d measures from %.500s", len(measures), dom)
			}
			for _, m := range measures {
				if m[1] != m[2] {
					t.Errorf("at a width of %s the page needs %s", m[1], m[2])
				}
				if want := fmt.Sprint(len(drawCharts(r, pastOfFull()))); m[3] != want {
					t.Errorf("%s charts, want %s", m[3], want)
				}
				if want := fmt.Sprint(len(r.Findings) + len(r.Alerts)); m[4] != want {
					t.Errorf("%s findings, want %s", m[4], want)
				}
				if m[5] != "0" || m[6] != "0" {
					t.Errorf("%s scripts and %s images", m[5], m[6])
				}
				if m[7] == "0" {
					t.Error("the verdict cannot be seen")
				}
			}
			for _, path := range s.asked {
				if !slices.Contains([]string{"/", "/report.html", "/favicon.ico"}, path) {
					t.Errorf("the page loads %s", path)
				}
			}
		})
	}
}

// TestOfficePagesInABrowser does the same with a page for an office.
func TestOfficePagesInABrowser(t *testing.T) {
	r := officeFixture()
	r.Sections[1].Rows[1][0] = `</td><script src="/attack.js"></script><img src="/attack.png">` + strings.Repeat("x", 300)
	var page bytes.Buffer
	if err := WriteOfficeHTML(&page, r); err != nil {
		t.Fatal(err)
	}
	s := serve(t, page.String())
	dom := browse(t, "--virtual-time-budget=20000", "--dump-dom", s.URL+"/")
	measures := regexp.MustCompile(`width (\d+) needs (\d+) charts (\d+) findings 0 scripts 0 images 0 `).FindAllStringSubmatch(dom, -1)
	if len(measures) != 3 {
		t.Fatalf("got %d measures from %.500s", len(measures), dom)
	}
	for _, m := range measures {
		if m[1] != m[2] || m[3] != "2" {
			t.Errorf("at a width of %s the page needs %s, with %s charts", m[1], m[2], m[3])
		}
	}
	for _, path := range s.asked {
		if !slices.Contains([]string{"/", "/report.html", "/favicon.ico"}, path) {
			t.Errorf("the page loads %s", path)
		}
	}
}

// TestPagesOnPaper prints a page.
func TestPagesOnPaper(t *testing.T) {
	s := serve(t, writeHTML(t, classified(), pastOfFull()))
	file := filepath.Join(t.TempDir(), "report.pdf")
	browse(t, "--no-pdf-header-footer", "--print-to-pdf="+file, s.URL+"/report.html")
	pdf, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pages := regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1)
	if !strings.HasPrefix(string(pdf), "%PDF-") || len(pages) < 2 || len(pages) > 12 {
		t.Errorf("%d bytes with %d pages", len(pdf), len(pages))
	}
}
