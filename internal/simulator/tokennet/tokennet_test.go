package tokennet

import (
	"fmt"
	"testing"
	"time"

	"auditor/internal/events"
)

// A day has what reports need: every hour, every service, people and administrators.
func TestDay(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	list, details := Day(1, day, 5000)
	again, _ := Day(1, day, 5000)
	other, _ := Day(2, day, 5000)
	if fmt.Sprint(list) != fmt.Sprint(again) || fmt.Sprint(list) == fmt.Sprint(other) {
		t.Error("a day must depend on its seed, and on nothing else")
	}
	hours, services, people := map[int]bool{}, map[events.Service]int{}, map[events.UserID]bool{}
	last := day
	for _, e := range list {
		if e.Time.Before(last) || !e.Time.Before(day.Add(24*time.Hour)) {
			t.Fatalf("event %d is at %v, after one at %v", e.ID, e.Time, last)
		}
		last = e.Time
		hours[e.Time.Hour()], people[e.User] = true, true
		services[e.Service]++
	}
	if len(hours) != 24 || len(services) != len(weights) || len(people) < users-5 {
		t.Errorf("%d hours, %d services, %d people", len(hours), len(services), len(people))
	}
	if want := services[130] + services[140]; len(details) != want || want == 0 {
		t.Errorf("%d details of %d administrative actions", len(details), want)
	}
}
