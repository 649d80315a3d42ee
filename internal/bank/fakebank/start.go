package fakebank

import (
	"net"
	"net/http"
	"time"
)

// Start serves the bank on a port of this computer that was free. The URL is to be followed by a
// [Bank.Path]. stop ends the server and every connection.
func (b *Bank) Start() (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close()
		<-done
	}, nil
}
