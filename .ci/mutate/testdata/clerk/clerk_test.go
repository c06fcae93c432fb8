package clerk

import "testing"

func TestAdmit(t *testing.T) {
	var c Clerk
	if err := c.Admit(18, false); err != nil {
		t.Error(err)
	}
	if err := c.Admit(17, false); err == nil {
		t.Error("a child is let in")
	}
	if c.in != 1 {
		t.Error("counted wrongly")
	}
}

func TestSum(t *testing.T) {
	if sum([]float64{1, 2}) != 3 {
		t.Error("1 + 2 is not 3")
	}
}

func TestRoom(t *testing.T) {
	if len(room()) != 0 {
		t.Error("not empty")
	}
}

func TestHalf(t *testing.T) {
	if half(6) != 3 {
		t.Error("half of 6 is not 3")
	}
}
