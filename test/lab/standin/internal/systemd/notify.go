// Package systemd tells the service manager that a service is up.
package systemd

import (
	"net"
	"os"
)

// Ready sends READY=1 where the unit asked for it (Type=notify); elsewhere it does nothing.
func Ready() {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	conn, err := net.Dial("unixgram", socket)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte("READY=1"))
}
