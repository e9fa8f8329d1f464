package token

import "testing"

func TestARotatedServerTakesTheNewTokenOnly(t *testing.T) {
	current := NewCurrent("old")
	if !current.Matches("old") || !current.Matches("K10abc::server:old") || current.Matches("new") {
		t.Error("it takes its token, in both forms, and no other")
	}
	if old := current.Replace("new"); old != "old" {
		t.Errorf("it took %q before", old)
	}
	if current.Matches("old") || !current.Matches("K10abc::server:new") {
		t.Error("it takes the new token only")
	}
}
